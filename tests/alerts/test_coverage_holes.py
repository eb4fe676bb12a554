"""Silences end to end: what is said, what is not, and what is learned meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from wire import (
    ACME,
    FEEDS,
    HOUR,
    LEGAL,
    OIL,
    QUIET_DAYS,
    START,
    WHOLE,
    Desk,
    kinds,
    parents,
    seasoned,
)


def test_a_silent_feed_is_named_and_the_hole_ends_by_itself() -> None:
    desk = seasoned()
    desk.usual(12, silent=("tidewater",))
    desk.usual(24)
    assert kinds(desk) == {"coverage_hole"}
    (hole,) = parents(desk)
    assert hole.onset == START + 9 * 24 * HOUR
    assert hole.raised_at - hole.onset <= 6 * HOUR
    incident = [alert for outcome in desk.outcomes for alert in outcome.changed]
    assert "tidewater" in (incident[-1] if incident else hole).feeds
    ended = next(alert for alert in desk.resolved if alert.id == hole.id)
    assert ended.resolved_at is not None
    assert ended.resolved_at - (START + (9 * 24 + 12) * HOUR) <= 6 * HOUR
    assert desk.state.companions.coverage is not None
    assert not desk.state.companions.coverage.open


def learned(desk: Desk) -> np.ndarray:
    known = desk.state.state.baseline
    return np.stack((known.negatives, known.others), axis=1)


def test_an_outage_of_twelve_hours_leaves_the_baselines_of_what_the_feed_fed_as_they_were() -> None:
    def outage(odd_news: bool) -> Desk:
        desk = seasoned()
        for _ in range(12):
            desk.wire.usual(desk.hour, silent=("tidewater",))
            if odd_news:
                desk.wire.tell(desk.hour, "granary", "Legal", False)
                desk.wire.tell(desk.hour, "granary", "Oil", False)
            desk.judge()
        desk.usual(48)
        return desk

    plain, odd = learned(outage(odd_news=False)), learned(outage(odd_news=True))
    row = detector_rows()
    assert np.array_equal(plain[row["Legal"]], odd[row["Legal"]])
    assert np.array_equal(plain[row["whole"]], odd[row["whole"]])
    assert odd[row["Oil"]][0] < plain[row["Oil"]][0]  # Tidewater never told of oil


def detector_rows() -> dict[str, int]:
    names = {WHOLE: "whole", LEGAL: "Legal", OIL: "Oil", ACME: "Acme"}
    return {names[stream]: k for k, stream in enumerate(Desk().state.streams)}


def test_bad_news_in_what_is_left_is_still_told_while_a_feed_is_silent() -> None:
    desk = seasoned()
    desk.usual(8, silent=("tidewater",))
    for _ in range(10):
        desk.wire.usual(desk.hour, silent=("tidewater",))
        for _ in range(5):
            desk.wire.tell(desk.hour, "granary", "Legal", True)
        desk.judge()
    assert "negative_share" in kinds(desk)


def test_when_everything_falls_silent_it_is_one_incident() -> None:
    desk = seasoned()
    desk.usual(12, silent=FEEDS)
    assert len(parents(desk)) == 1
    assert parents(desk)[0].raised_at - parents(desk)[0].onset <= 3 * HOUR
    desk.usual(12)
    assert {alert.id for alert in desk.resolved} == {alert.id for alert in desk.raised}


def test_our_own_silence_is_no_hole_and_what_comes_after_it_no_surge() -> None:
    desk = seasoned()
    for _ in range(12):
        desk.wire.hours[desk.hour] = len(desk.wire.told)
        desk.judge(heard=False)
    desk.wire.usual(desk.hour, times=13)
    desk.judge(heard=False)
    desk.usual(12)
    assert not kinds(desk) & {"negative_volume", "coverage_hole"}


def test_a_new_feeds_whole_past_is_neither_a_surge_nor_its_usual_volume() -> None:
    desk, unread = Desk(), frozenset({"granary"})
    for _ in range(QUIET_DAYS * 24):
        desk.wire.usual(desk.hour, silent=("granary",))
        desk.judge(first_read=unread)
    desk.wire.usual(desk.hour)
    for _ in range(100):
        desk.wire.tell(desk.hour, "granary", "Legal", True)
    past = desk.judge(first_read=unread, counted=False)
    desk.usual(10 * 24)
    assert {alert.kind for alert in past.raised} <= {"negative_share"}
    assert "coverage_hole" not in kinds(desk)
    coverage = desk.state.companions.coverage
    assert coverage is not None
    rates = coverage.state.rates
    assert (rates.seen / rates.exposure)[-1] == pytest.approx(3, rel=0.1)
