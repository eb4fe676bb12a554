"""Rises that ended just below the threshold are kept, some are asked about, none twice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alerts.detector import DetectorConfig
from alerts.near_misses import NearMiss
from alerts.types import Alert, Bars, Budget, Evidence, Stream
from alerts.watch import WatchState, watch
from monitor.near_misses import missed, remember
from monitor.store import alert_verdicts, alerts, bins, near_misses
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Store

HOUR = timedelta(hours=1)
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
CONFIG = DetectorConfig()
OIL = Stream("Oil")
WATCHED = watch(["Oil"], [], CONFIG)
LEVEL = CONFIG.log_threshold(2)


def judged(stream: Stream, hour: int, margin: float) -> Evidence:
    """Six stories, four of them negative."""
    return Evidence(stream, NOON + hour * HOUR, HOUR, 6, 4, 0.25, LEVEL + margin, 1.0)


def at(margin: float) -> WatchState:
    """Oil has so much evidence, the whole has none."""
    log_m = np.full_like(WATCHED.state.log_m, -np.inf)
    log_m[1] = LEVEL + margin
    return replace(WATCHED, state=replace(WATCHED.state, log_m=log_m))


def rise(store: Store, margins: Sequence[float], config: DetectorConfig = CONFIG) -> list[NearMiss]:
    """Bins of Oil's, each judged as the daemon does; what is kept in the end."""
    with store.write() as tx:
        before = at(-9.0)
        for hour, margin in enumerate(margins):
            after = at(margin)
            bins.keep(tx, [judged(OIL, hour, margin)])
            remember(tx, before, after, config, NOON + hour * HOUR)
            before = after
        return near_misses.since(tx, NOON - HOUR)


def test_a_rise_that_ends_just_below_the_threshold_is_kept_when_it_is_over(store: Store) -> None:
    (one,) = rise(store, [-8, -2.5, -1, -2, -4, -5])
    assert (one.stream, one.onset, one.ended_at) == (OIL, NOON + HOUR, NOON + 4 * HOUR)
    assert one.margin == pytest.approx(-1)
    assert (one.stories, one.negatives) == (18, 12)
    assert one.probability == 0.05


def test_one_that_stayed_far_below_and_one_that_goes_on_are_not_kept(store: Store) -> None:
    assert rise(store, [-8, -2.5, -2, -4]) == []
    assert rise(store, [-8, -2.5, -1]) == []


def test_one_that_went_above_is_kept_only_where_a_raised_bar_held_it(store: Store) -> None:
    assert rise(store, [-8, -1, 0.5, -4]) == []
    barred = replace(CONFIG, bars=Bars({("negative_share", OIL): 1.0}))
    assert [one.margin for one in rise(store, [-8, -1, 0.5, -4], barred)] == pytest.approx([0.5])


@pytest.mark.parametrize("stream", [OIL, Stream()])
def test_what_an_alert_told_of_was_not_missed(store: Store, stream: Stream) -> None:
    here = judged(stream, 1, 0.1)
    budget = Budget(1.0, 2, math.exp(LEVEL), 168.0)
    alert = Alert(
        "a1", stream, "negative_share", "warning", "firing", NOON, NOON + HOUR, here, 6, 4, 0.25,
        (), "ck", budget,
    )  # fmt: skip
    with store.write() as tx:
        alerts.open_new(tx, alert, ())
    assert rise(store, [-8, -2.5, -1, -2, -4]) == []


def test_the_same_rise_seen_again_is_the_same_near_miss(store: Store) -> None:
    margins = [-8, -2.5, -1, -4]
    assert rise(store, margins) == rise(store, margins)


def near(number: int, asked: bool) -> NearMiss:
    end = NOON + number * HOUR
    return NearMiss(f"audit-{number}", OIL, NOON, end, -0.5, 9, 5, 0.25, 0.05, asked)


def say(store: Store, number: int, analyst: str, answer: str) -> None:
    name = f"{number} {analyst}"
    verdict = AlertVerdict(name, f"audit-{number}", analyst, answer, "", "page", NOON)  # type: ignore[arg-type]
    with store.write() as tx:
        alert_verdicts.add(tx, verdict)


def test_what_analysts_say_of_the_few_that_are_asked_estimates_how_many_were_missed(
    store: Store,
) -> None:
    with store.write() as tx:
        near_misses.add(tx, [near(n, asked=n < 4) for n in range(80)])
    say(store, 0, "anna", "confirm")
    say(store, 1, "anna", "reject")
    say(store, 1, "ben", "confirm")  # as many for as against: real
    say(store, 2, "anna", "reject")
    say(store, 50, "anna", "confirm")  # was not asked: chosen by hand, so no part of the sample
    with store.read() as tx:
        found = missed(tx, NOON)
    assert (found.near_misses, found.asked, found.answered, found.real) == (80, 4, 3, 2)
    assert found.estimate == pytest.approx(80 * 2 / 3)
    assert 0 < found.low < 80 * 2 / 3 < found.high < 80
    with store.read() as tx:
        later = missed(tx, NOON + 79 * HOUR)
    assert (later.near_misses, later.answered, later.estimate) == (1, 0, None)
