"""Who is on an alert is kept: nothing is overwritten, and the alert says so in one transaction."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from alerts.types import Alert, Budget, Delivery, Evidence, Kind, Stream
from monitor.acknowledging import acknowledge, settle, who_was_on
from monitor.store import acknowledgements, alerts, detection, retention
from monitor.store.acknowledgements import Acknowledgement
from monitor.store.detection import Cursor
from monitor.store.engine import Store
from monitor.store.tables import alert as alert_table

HOUR = timedelta(hours=1)
NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
LATER = NOON + 2 * HOUR


def an_alert(
    alert_id: str = "a1",
    parent: str | None = None,
    at: datetime = NOON,
    kind: Kind = "negative_share",
) -> Alert:
    stream = Stream(target=f"Halvorsen {alert_id}")
    evidence = Evidence(stream, at, HOUR, 9, 8, 0.2, 9.1, 2.0)
    return Alert(
        alert_id, stream, kind, "warning", "firing", at, at, evidence, 9, 8, 0.2, (), "ck",
        Budget(1.0, 29, 4872.0, 168.0), parent,
    )  # fmt: skip


@pytest.fixture
def crisis(store: Store) -> Store:
    """An alert with one inside it that was raised with it, and one that is over."""
    with store.write() as tx:
        alerts.open_new(tx, an_alert(), ())
        alerts.open_new(tx, an_alert("a2", "a1"), ())
        alerts.open_new(tx, an_alert("a3", "a1"), ())
        alerts.update(tx, replace(an_alert("a3", "a1"), status="resolved", resolved_at=LATER))
    return store


def say(store: Store, who: str, note: str = "", about: str = "a1", at: datetime = LATER) -> bool:
    with store.write() as tx:
        said = acknowledge(tx, about, who, note, at)
    assert said is not None
    return said.new


def join(store: Store, alert_id: str, at: datetime) -> None:
    """What detecting does where an alert joins another."""
    with store.write() as tx:
        alerts.open_new(tx, an_alert(alert_id, "a1", at, "negative_volume"), ())
        settle(tx, an_alert())


def statuses(store: Store) -> dict[str, str]:
    """As the column has it, which queries ask, and as the alert itself tells."""
    with store.read() as tx:
        rows = tx.execute(sa.select(alert_table.c.id, alert_table.c.status)).tuples().all()
        told = {one.id: one.status for one in alerts.some(tx, [id_ for id_, _ in rows])}
    assert told == dict(rows)
    return told


def rows(store: Store) -> list[tuple[str, str, bool]]:
    with store.read() as tx:
        return [(one.analyst, one.note, holds) for one, holds in who_was_on(tx, an_alert())]


@pytest.mark.parametrize("named", ["a1", "a2"])
def test_a_crisis_is_acknowledged_as_one_whichever_of_it_is_named(
    crisis: Store, named: str
) -> None:
    assert say(crisis, "anna", "calling the desk", named)
    assert statuses(crisis) == {"a1": "acknowledged", "a2": "acknowledged", "a3": "resolved"}
    with crisis.read() as tx:
        assert {one.id for one in alerts.firing(tx)} == {"a1", "a2"}
        (kept,) = acknowledgements.of(tx, "a1")
        assert acknowledgements.newest(tx, "a1") == kept
    assert kept == Acknowledgement(kept.id, "a1", "anna", "calling the desk", 0, LATER)


def test_a_double_click_is_one_and_another_analyst_another_row(crisis: Store) -> None:
    assert [say(crisis, "anna", "mine"), say(crisis, "anna", "mine", "a2")] == [True, False]
    assert [say(crisis, "ben", "mine"), say(crisis, "anna", "and the port")] == [True, True]
    assert say(crisis, "anna", "mine")
    assert rows(crisis) == [
        ("anna", "mine", True),
        ("ben", "mine", True),
        ("anna", "and the port", True),
        ("anna", "mine", True),
    ]


def test_clicks_at_the_same_moment_are_one(crisis: Store) -> None:
    with crisis.write() as tx:
        detection.set_cursor(tx, Cursor(NOON, HOUR, "ck"))
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda _: say(crisis, "anna", "mine"), range(8)))
    assert sum(new) == 1
    assert rows(crisis) == [("anna", "mine", True)]


def test_what_is_over_is_refused_in_one_line_and_what_is_unknown_is_none(crisis: Store) -> None:
    with crisis.write() as tx:
        with pytest.raises(ValueError, match="alert a3 is over since 4 Mar 14:00 UTC: only one"):
            acknowledge(tx, "a3", "anna", "", LATER)
        assert acknowledge(tx, "gone", "anna", "", LATER) is None
    assert rows(crisis) == []


def test_a_note_is_one_line_whatever_was_typed(crisis: Store) -> None:
    say(crisis, "anna", " calling\n\x00the \u202edesk \ud800")
    assert rows(crisis) == [("anna", "calling the desk", True)]


def test_what_joins_later_ends_it_and_it_can_be_said_anew(crisis: Store) -> None:
    say(crisis, "anna", "mine")
    join(crisis, "a4", LATER)
    assert statuses(crisis) == {
        "a1": "firing", "a2": "firing", "a3": "resolved", "a4": "firing",
    }  # fmt: skip
    assert rows(crisis) == [("anna", "mine", False)]
    assert say(crisis, "anna", "mine"), "of another story, in the same words"
    assert rows(crisis) == [("anna", "mine", False), ("anna", "mine", True)]
    assert statuses(crisis)["a4"] == "acknowledged"


def test_what_joins_within_a_bin_was_part_of_it_and_is_acknowledged_with_it(crisis: Store) -> None:
    say(crisis, "anna")
    join(crisis, "a4", NOON + HOUR / 2)
    assert statuses(crisis)["a4"] == "acknowledged"
    assert not say(crisis, "anna")


def test_a_row_sent_twice_is_kept_as_it_was_first(crisis: Store) -> None:
    first = Acknowledgement("ack-1", "a1", "anna", "", 0, NOON)
    with crisis.write() as tx:
        assert acknowledgements.add(tx, first)
        assert not acknowledgements.add(tx, replace(first, note="later"))
        assert acknowledgements.of(tx, "a1") == [first]
        assert acknowledgements.newest(tx, "a2") is None


def test_growth_that_nobody_was_told_yet_is_dropped_and_nothing_else(crisis: Store) -> None:
    def waiting(id_: str, announcement: str, state: str = "pending") -> Delivery:
        return Delivery(id_, "a1", "desk", announcement, state, 1, NOON, NOON)  # type: ignore[arg-type]

    with crisis.write() as tx:
        outbox = [waiting("m1", "firing"), waiting("m2", "grown"), waiting("m3", "grown", "sent")]
        alerts.add_deliveries(tx, [*outbox, waiting("m4", "spread")])
    say(crisis, "anna")
    with crisis.read() as tx:
        states = {one.id: one.state for one in alerts.deliveries(tx, "a1")}
    assert states == {"m1": "pending", "m2": "dropped", "m3": "sent", "m4": "pending"}


def test_growth_that_is_being_sent_now_is_left_to_its_sender(crisis: Store) -> None:
    grown = Delivery("m1", "a1", "desk", "grown", "pending", 0, NOON, NOON)
    with crisis.write() as tx:
        alerts.add_deliveries(tx, [grown])
        assert alerts.claim_due(tx, LATER, HOUR, 9) == [grown]
    say(crisis, "anna")
    with crisis.read() as tx:
        assert alerts.deliveries(tx, "a1") == [grown]


def test_pruning_leaves_acknowledgements_alone(crisis: Store) -> None:
    say(crisis, "anna", "mine")
    with crisis.write() as tx:
        retention.remove_before(tx, NOON + timedelta(days=400), 1000)
    assert rows(crisis) == [("anna", "mine", True)]


def test_an_alert_that_detecting_ends_meanwhile_does_not_open_again(crisis: Store) -> None:
    """An analyst presses while a tick is under way that finds the crisis over."""
    cursor, refused = Cursor(NOON, HOUR, "ck"), []

    def press() -> None:
        try:
            say(crisis, "anna")
        except ValueError as error:
            refused.append(str(error))

    with crisis.write() as tx:
        detection.set_cursor(tx, cursor)
    with crisis.write() as tx:
        detection.cursor(tx, cursor)
        analyst = threading.Thread(target=press)
        analyst.start()
        analyst.join(0.3)
        assert analyst.is_alive(), "waits for the tick"
        for id_, parent in (("a1", None), ("a2", "a1")):
            over = replace(an_alert(id_, parent), status="resolved", resolved_at=LATER)
            alerts.update(tx, over)
    analyst.join(30)
    assert len(refused) == 1
    assert set(statuses(crisis).values()) == {"resolved"}
