"""Shares that drift, feeds that fall silent in turn, times that are wrong: and a crisis on top."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pytest
from fooling import (
    DAY,
    PLAN,
    START,
    DeskWords,
    Entries,
    crisis,
    day_of,
    days_of,
    kinds,
    news,
    replayed,
)

from monitor.replay import BUDGET, play

DAYS = 50
GLOOMY = (0.8, -0.8) * 4  # logits: every other outlet sees the world black


def rising(day: float) -> float:
    """20 % negative for three weeks, 40 % after three months."""
    return 0.2 + 0.2 * min(1.0, max(0.0, (day - 21) / 90))


@cache
def drifting(seed: int) -> Entries:
    return news(seed, 105, rising)


@cache
def silenced(seed: int, hours: int) -> Entries:
    """A week in which half of the outlets are heard by turns, the gloomy and the others."""

    def silent(hour: int, outlet: int) -> bool:
        return 35 <= hour / 24 < 42 and (hour // hours) % 2 == outlet % 2

    return news(seed, DAYS, tones=GLOOMY, silent=silent)


def told_within_a_day(entries: Entries, day: int) -> bool:
    times = (datetime.fromisoformat(one["at"]) for one in replayed(entries)["alerts"])
    first = START + day * DAY
    return any(first <= at < first + 1.4 * DAY for at in times)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_crisis_on_top_of_a_drift_is_announced_beside_what_the_drift_has_raised(
    seed: int,
) -> None:
    """An alert that drift has left open must not take the crisis in: who reads children?"""
    assert told_within_a_day(crisis(drifting(seed), 100, seed), 100)


@pytest.mark.parametrize("hours", [6, 12])
def test_alternating_outages_keep_the_promise_and_tell_few_holes(hours: int) -> None:
    during, seeds = range(35, 44), range(3)
    promised = BUDGET * (1 + len(PLAN.topics)) * len(during) / 7 * len(seeds)
    documents = [replayed(silenced(seed, hours)) for seed in seeds]
    assert sum(day in during for one in documents for day in days_of(one)) <= promised
    assert all(kinds(one).count("coverage_hole") <= 12 for one in documents)
    surges = [a for one in documents for a in one["other_alerts"] if a["kind"] == "negative_volume"]
    assert not {day_of(surge) for surge in surges} & set(during)


@pytest.mark.parametrize("hours", [6, 12])
def test_a_crisis_amid_alternating_outages_is_found(hours: int) -> None:
    assert told_within_a_day(crisis(silenced(0, hours), 39), 39)


def test_after_a_week_of_outages_what_is_usual_is_known_as_before() -> None:
    ends = []
    for entries in (silenced(1, 12), news(1, DAYS, tones=GLOOMY)):
        evidence = play(entries, DeskWords(), PLAN).judgement.evidence
        ends.append([one.baseline for one in evidence if not one.stream.topic][-24:])
    assert ends[0] == pytest.approx(ends[1], abs=0.04)
