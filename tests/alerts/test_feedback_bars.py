"""What a raised bar and known stories do to an alarm: later or not at all, never against much."""

from __future__ import annotations

import math
from dataclasses import replace

from test_watch import CONFIG, HOUR, OIL, START, TOPICS, Newsroom

from alerts.detector import DetectorConfig
from alerts.types import Alert, Bars, Stream
from alerts.watch import judge_bin, watch

CRISIS = 96  # hours of quiet before it


def crisis(bars: Bars, hours: int = 24, topic: str = "Oil") -> tuple[list[Alert], list[str]]:
    """What is raised, and the reasons of what is held, in so many hours of bad news of a topic."""
    config: DetectorConfig = replace(CONFIG, bars=bars)
    newsroom, state = Newsroom(3), watch(TOPICS, [], config)
    raised: list[Alert] = []
    notes: list[str] = []
    for number in range(CRISIS + hours):
        newsroom.hour(number, (topic,) * 3 if number >= CRISIS else ())
        start = START + number * HOUR
        counts = newsroom.counts(number)
        state, told = judge_bin(state, start, counts, newsroom, config, "one", start + HOUR)
        raised += told.raised
        notes += [note.reason for note in told.notes]
    return raised, notes


def first(raised: list[Alert], stream: Stream) -> Alert:
    return next(alert for alert in raised if alert.stream == stream)


def margin(alert: Alert) -> float:
    return alert.evidence.log_evidence - math.log(alert.budget.threshold)


def test_a_raised_bar_holds_an_alarm_until_its_evidence_passes_it_and_is_recorded() -> None:
    usual = first(crisis(Bars())[0], OIL)
    high = 1.5 + margin(usual)
    raised, notes = crisis(Bars({("negative_share", OIL): high}))
    late = first(raised, OIL)
    assert usual.bar == 0
    assert late.bar == high <= margin(late)
    assert late.raised_at > usual.raised_at
    assert any("verdicts ask for" in note for note in notes)


def test_evidence_far_above_the_threshold_asks_no_bar() -> None:
    raised, _ = crisis(Bars({("negative_share", OIL): 100.0}))
    assert 4 <= margin(first(raised, OIL)) < 100


def test_the_bar_of_one_stream_and_kind_is_no_bar_for_the_others() -> None:
    others = {("negative_share", Stream("Legal")): 2.0, ("positive_share", OIL): 2.0}
    assert crisis(Bars(others))[0] == crisis(Bars())[0]  # type: ignore[arg-type]


def test_stories_that_the_desk_knows_start_no_alert_until_the_evidence_is_strong() -> None:
    usual = first(crisis(Bars())[0], OIL)
    known = frozenset(range(1, 10_000))
    assert first(crisis(Bars(known=known))[0], OIL).raised_at > usual.raised_at
    assert margin(first(crisis(Bars(known=known))[0], OIL)) >= 4
