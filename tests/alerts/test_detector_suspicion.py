"""What the detector learns of a rise, while it is suspected and after it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from drawn_counts import CONFIG, counts, ints

from alerts import detector
from alerts.detector import Judged


def quiet_then(shift_at: int, share: float, bins: int, seed: int = 3) -> list[Judged]:
    rng = np.random.default_rng(seed)
    state, held, told = detector.start(1, CONFIG), np.array([False]), []
    for t in range(bins):
        y = ints(rng.binomial(6, share if t >= shift_at else 0.2))
        state, judged = detector.step(state, ints(6), y, t, CONFIG, held)
        told.append(judged)
    return told


def test_a_rise_is_dated_to_where_it_began() -> None:
    told = quiet_then(shift_at=400, share=0.6, bins=412)
    assert told[-1].log_evidence > CONFIG.log_threshold(1)
    assert abs(told[-1].onset[0] - 400) <= 2


def test_the_baseline_stands_still_while_a_stream_is_suspected() -> None:
    told = quiet_then(shift_at=400, share=0.6, bins=500)
    assert told[499].share[0] == pytest.approx(told[430].share[0], abs=0.005)


def test_a_rise_that_lasts_a_week_becomes_the_new_level() -> None:
    told = quiet_then(shift_at=400, share=0.6, bins=400 + 8 * 24)
    level = [t for t, judged in enumerate(told) if judged.new_level[0]]
    assert len(level) == 1
    assert 400 + 7 * 24 <= level[0] < 400 + 8 * 24
    assert told[level[0]].s_max[0] == 0
    assert 0.5 < told[-1].share[0] < 0.62


def test_a_suspicion_that_passes_is_learned_after_all() -> None:
    quick = replace(CONFIG, lag=timedelta(hours=1))
    state = detector.start(1, quick)
    for t in range(300):
        state, _ = detector.step(state, ints(6), ints(1), t, quick)
    known = state.baseline.negatives[0]
    for t in range(300, 302):
        state, judged = detector.step(state, ints(6), ints(6), t, quick)
    assert judged.s_max[0] > quick.log_threshold(1) / 2
    t = 302
    while state.frozen_at[0] >= 0:
        state, _ = detector.step(state, ints(6), ints(0), t, quick)
        t += 1
    assert state.baseline.negatives[0] > known + 4
    assert not state.pool.any()


def test_closing_an_alert_forgets_the_evidence_and_what_the_alert_covered() -> None:
    state = detector.start(1, CONFIG)
    for t in range(400, 412):
        state, _ = detector.step(state, ints(8), ints(7), t, CONFIG, np.array([True]))
    state = detector.reset(state, np.array([True]))
    assert np.all(np.isneginf(state.log_m))
    assert not state.s.any()
    assert not state.pool.any()


def test_under_an_open_alert_the_cusum_stops_at_the_threshold() -> None:
    state = detector.start(1, CONFIG)
    for t in range(48):
        state, judged = detector.step(state, ints(8), ints(8), t, CONFIG, np.array([True]))
    assert judged.s_max[0] == CONFIG.log_threshold(1)


def test_what_a_stream_learns_does_not_depend_on_whether_another_is_suspected() -> None:
    alone, beside, suspected = detector.start(3, CONFIG), detector.start(3, CONFIG), 0
    for t in range(600):
        n, y = counts(t)
        alone, _ = detector.step(alone, n, y * [1, 0, 1], t, CONFIG)
        beside, _ = detector.step(beside, n, y, t, CONFIG)
        suspected += int(beside.frozen_at[1] >= 0)
        alone = replace(alone, wander=beside.wander)  # that is measured of all together
        for k in (0, 2):
            assert detector.pack(beside, k) == detector.pack(alone, k)
    assert 20 < suspected < 300
