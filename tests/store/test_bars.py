"""Bars out of the log of verdicts: whose word counts, about what, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.types import Alert, Bars, Budget, Copy, Evidence, Kind, Story, Stream
from monitor.bars import bars
from monitor.store import alert_verdicts, alerts, bins
from monitor.store.alert_verdicts import AlertAnswer, AlertReason, AlertVerdict, Route
from monitor.store.engine import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
OIL = Stream("Oil")
KEY = ("negative_share", OIL)
LEVEL = 9.0  # ln A
COPIES = (Copy("tidewater", "", NOON), Copy("granary", "", NOON))


def alert(number: int, kind: Kind = "negative_share", parent: str | None = None) -> Alert:
    """Raised a nat above the threshold, of one story of its own."""
    evidence = Evidence(OIL, NOON + number * HOUR, HOUR, 9, 8, 0.2, LEVEL + 1.0, 2.0)
    story = Story(100 + number, f"#{number}", NOON, True, 0.9, 1.0, COPIES)
    at = NOON + number * HOUR
    return Alert(
        f"a{number}", OIL, kind, "warning", "resolved", at, at, evidence, 9, 8, 0.2, (story,),
        "ck", Budget(1.0, 29, 2.718281828**LEVEL, 168.0), parent, at + HOUR,
    )  # fmt: skip


def raised(store: Store, count: int, kind: Kind = "negative_share") -> None:
    with store.write() as tx:
        for number in range(count):
            alerts.open_new(tx, alert(number, kind), ())


def say(
    store: Store,
    analyst: str,
    numbers: range,
    answer: AlertAnswer = "reject",
    reason: AlertReason = "",
    route: Route = "page",
) -> None:
    with store.write() as tx:
        for number in numbers:
            name = f"{analyst} {number} {answer} {reason}"
            verdict = AlertVerdict(name, f"a{number}", analyst, answer, reason, route, NOON)
            alert_verdicts.add(tx, verdict)


def asked(store: Store, now: datetime = NOON + HOUR) -> Bars:
    with store.read() as tx:
        return bars(tx, now)


def test_two_analysts_who_reject_a_streams_alerts_raise_its_bar_and_one_does_not(
    store: Store,
) -> None:
    raised(store, 6)
    say(store, "anna", range(6))
    assert asked(store).raises == {}
    say(store, "ben", range(6))
    assert list(asked(store).raises) == [KEY]
    assert 0 < asked(store).raises[KEY] <= 2


def test_a_bar_fades_with_the_verdicts_behind_it(store: Store) -> None:
    raised(store, 6)
    say(store, "anna", range(6))
    say(store, "ben", range(6))
    heights = [asked(store, NOON + days * DAY).raises.get(KEY, 0.0) for days in (0, 60, 149, 151)]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[1] > 0
    assert heights[-1] == 0


def test_answers_from_a_mails_link_raise_no_bar(store: Store) -> None:
    raised(store, 6)
    say(store, "mail:desk", range(6), route="mail")
    say(store, "anna", range(6))
    assert asked(store).raises == {}


def test_a_changed_mind_takes_its_rejection_back(store: Store) -> None:
    raised(store, 6)
    say(store, "anna", range(6))
    say(store, "ben", range(6))
    say(store, "ben", range(6), "confirm", "real")
    assert asked(store).raises == {}


def test_surges_and_silences_have_no_bars(store: Store) -> None:
    raised(store, 6, "negative_volume")
    say(store, "anna", range(6))
    say(store, "ben", range(6))
    assert asked(store) == Bars()


def test_what_the_evidence_came_to_after_the_alarm_is_what_is_judged(store: Store) -> None:
    raised(store, 1)
    for analyst in ("anna", "ben"):
        say(store, analyst, range(1))
    weak = asked(store).raises[KEY]
    with store.write() as tx:
        bins.keep(tx, [Evidence(OIL, NOON, HOUR, 9, 8, 0.2, LEVEL + 3.0, 2.0)])
    assert asked(store).raises[KEY] > weak  # rejected though it was strong: more is asked


def test_a_known_event_holds_its_own_stories_for_a_week_and_raises_no_bar(store: Store) -> None:
    raised(store, 6)
    say(store, "anna", range(1), reason="known")
    say(store, "ben", range(1, 2), reason="known")
    assert asked(store) == Bars(known=frozenset({100, 101}))
    say(store, "cleo", range(1), "confirm", "real")
    assert asked(store).known == {101}
    assert asked(store, NOON + 8 * DAY).known == frozenset()


@pytest.mark.parametrize("alert_id", ["audit-1", "a99"])
def test_verdicts_on_what_is_no_alert_any_more_ask_for_nothing(store: Store, alert_id: str) -> None:
    with store.write() as tx:
        for who in ("anna", "ben"):
            verdict = AlertVerdict(who + alert_id, alert_id, who, "reject", "known", "page", NOON)
            alert_verdicts.add(tx, verdict)
    assert asked(store) == Bars()
