"""The e-detector on counts: its promise, its freeze, its floor, its memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from drawn_counts import ints

from alerts import count_state, counts, rates
from alerts.count_state import SILENCE, SURGE, UNKNOWN, CountConfig, CountState
from alerts.counts import CountJudged

UP, DOWN = CountConfig(SURGE, 1.0), CountConfig(SILENCE, 1.0)
LEVEL = np.array([9.0])
WEEK = 168


def lived(config: CountConfig, mean: float, weeks: int = 3, seed: int = 1) -> CountState:
    rng, state = np.random.default_rng(seed), counts.start(1, config)
    for t in range(weeks * WEEK):
        state, _ = counts.step(state, ints(rng.poisson(mean)), t, config, LEVEL)
    return counts.reset(state, np.array([True]))


def go_on(
    state: CountState, config: CountConfig, y: int, bins: int, held: bool = False
) -> tuple[CountState, list[CountJudged]]:
    told = []
    for t in range(3 * WEEK, 3 * WEEK + bins):
        state, judged = counts.step(state, ints(y), t, config, LEVEL, np.array([held]))
        told.append(judged)
    return state, told


def test_the_recursion_is_shiryaev_roberts_and_an_empty_bin_is_evidence_too() -> None:
    state = lived(UP, 2.0)
    after, one = counts.step(state, ints(6), 504, UP, LEVEL)
    first = counts.log_ratios(ints(6), one.expected, one.phi, SURGE)
    assert np.allclose(after.log_m, first)
    after, two = counts.step(after, ints(0), 505, UP, LEVEL)
    second = counts.log_ratios(ints(0), two.expected, two.phi, SURGE)
    assert np.allclose(np.exp(after.log_m), (1 + np.exp(first)) * np.exp(second))
    assert np.all(second < 0)


def test_nothing_is_judged_in_the_first_week() -> None:
    state, told = counts.start(1, UP), []
    for t in range(WEEK):
        state, judged = counts.step(state, ints(50 * (t > 150)), t, UP, LEVEL)
        told.append(judged.log_evidence[0])
    assert set(told) == {-np.inf}


def test_fourfold_volume_is_told_within_hours_and_an_outage_too() -> None:
    _, surge = go_on(lived(UP, 2.0), UP, 8, 12)
    assert surge[5].log_evidence[0] > LEVEL[0]
    assert surge[5].onset[0] == 3 * WEEK
    _, silence = go_on(lived(DOWN, 2.0), DOWN, 0, 12)
    assert silence[8].log_evidence[0] > LEVEL[0]


def test_a_row_that_was_always_thin_is_never_called_silent() -> None:
    _, told = go_on(lived(DOWN, 0.15), DOWN, 0, 30 * 24)
    assert {judged.log_evidence[0] for judged in told} == {-np.inf}
    _, told = go_on(lived(DOWN, 0.4), DOWN, 0, 48)
    assert told[-1].log_evidence[0] > LEVEL[0]


def test_a_bin_that_says_nothing_changes_no_evidence_and_is_never_learned() -> None:
    state = lived(DOWN, 3.0)
    state, _ = counts.step(state, ints(1), 504, DOWN, LEVEL)
    seen, evidence, bins = state.rates.seen[0], state.log_m.copy(), state.rates.bins[0]
    for t in range(505, 505 + 48):
        deaf = np.array([False])
        state, judged = counts.step(state, ints(0), t, DOWN, LEVEL, usable=deaf)
        assert judged.gain[0] == 0
    assert np.array_equal(state.log_m, evidence)
    assert state.rates.bins[0] <= bins + 24  # those that were waiting
    assert state.rates.seen[0] > seen


def test_a_paused_row_is_judged_but_not_taught() -> None:
    state = lived(DOWN, 3.0)
    for t in range(504, 504 + 12):
        state, judged = counts.step(state, ints(0), t, DOWN, LEVEL, paused=np.array([True]))
    assert judged.log_evidence[0] > LEVEL[0]
    assert set(state.ring[0, [t % 24 for t in range(504, 516)]]) == {UNKNOWN}


def test_the_rate_stands_still_during_a_surge_and_learns_its_level_after_a_week() -> None:
    _state, told = go_on(lived(UP, 2.0), UP, 9, 8 * 24, held=True)
    assert told[140].expected[0] == pytest.approx(told[44].expected[0], rel=0.01)
    level = [i for i, judged in enumerate(told) if judged.new_level[0]]
    assert level
    assert 7 * 24 <= level[0] < 8 * 24
    assert told[level[0]].s_max[0] == 0
    assert told[-1].expected[0] == pytest.approx(9, rel=0.35)


def test_a_feed_that_has_gone_for_good_is_not_missed_twice() -> None:
    _state, told = go_on(lived(DOWN, 1.0), DOWN, 0, 30 * 24)
    assert sum(judged.new_level[0] for judged in told) == 1
    assert told[-1].log_evidence[0] < LEVEL[0]


def test_what_came_while_news_was_missing_is_dropped() -> None:
    state = lived(UP, 2.0)
    for t in range(504, 510):
        state, _ = counts.step(state, ints(0), t, UP, LEVEL)
    state = counts.forget_since(state, np.array([True]), 506, 509)
    slots = state.ring[0, [t % 24 for t in range(504, 510)]]
    assert list(slots) == [0, 0, *[UNKNOWN] * 4]


def test_closing_an_alert_forgets_the_evidence_and_what_the_alert_covered() -> None:
    state, _ = go_on(lived(UP, 2.0), UP, 12, 12, held=True)
    state = counts.reset(state, np.array([True]))
    assert np.all(np.isneginf(state.log_m))
    assert not state.s.any()
    assert not state.pool.any()


def test_another_checkpoint_takes_the_evidence_and_the_rates_it_would_have_left() -> None:
    state, _ = go_on(lived(UP, 2.0), UP, 4, 4)
    known = rates.cap(state.rates, np.array([48.0]))
    fresh = counts.rebase(state, known, np.array([False]))
    assert np.all(np.isneginf(fresh.log_m))
    assert not fresh.s.any()
    assert fresh.rates is known
    assert (state.ring != UNKNOWN).any()
    assert (fresh.ring == UNKNOWN).all()  # what the old checkpoint counted and nobody has learned
    assert np.array_equal(counts.rebase(state, known, np.array([True])).s, state.s)


def test_a_state_that_goes_through_bytes_after_each_bin_changes_nothing() -> None:
    rng, level = np.random.default_rng(2), np.full(3, 5.0)
    whole, pieces = counts.start(3, UP), counts.start(3, UP)
    for t in range(400):
        y = rng.poisson((9, 2, 0.02)) * (4 if 300 < t < 310 else 1)
        whole, _ = counts.step(whole, y, t, UP, level)
        pieces, _ = counts.step(pieces, y, t, UP, level)
        pieces = counts.unpack([counts.pack(pieces, k) for k in range(3)], UP)
    assert [counts.pack(pieces, k) for k in range(3)] == [counts.pack(whole, k) for k in range(3)]
    sizes = [len(counts.pack(whole, k)) for k in range(3)]
    assert sizes[2] <= 192 < sizes[1] <= 640  # hours of its own only where there is volume


@pytest.mark.parametrize("data", [None, b"", b"\x07\x03\x18\x00\x00" + bytes(200), b"\x01"])
def test_bytes_of_another_version_are_a_row_not_yet_known(data: bytes | None) -> None:
    state = counts.unpack([data], UP)
    assert counts.pack(state, 0) == counts.pack(counts.start(1, UP), 0)
    share = b"\x01\x04\x18\x00" + bytes(300)  # what the detector of shares packs
    assert counts.pack(count_state.unpack([share], UP), 0) == counts.pack(state, 0)


@pytest.mark.parametrize(("config", "phi"), [(UP, 0.0), (UP, 0.2), (DOWN, 0.0), (DOWN, 0.2)])
def test_quiet_rows_alarm_no_more_often_than_promised(config: CountConfig, phi: float) -> None:
    """80 rows of 0.2 to 20 an hour with days and weekends; one alarm a row in 26 weeks: 15."""
    rng, rows, alarms = np.random.default_rng(6), 80, 0
    volume = np.geomspace(0.2, 20, rows)
    state, level = counts.start(rows, config), np.full(rows, np.log(26 * WEEK))
    held = np.zeros(rows, dtype=bool)
    for t in range(6 * WEEK):
        mean = volume * (1 + 0.6 * np.sin(2 * np.pi * t / 24)) * (0.4 if t // 24 % 7 < 2 else 1)
        y = rng.poisson(rng.gamma(1 / phi, phi * mean) if phi else mean)
        y[0] = y[1:].sum()
        state, judged = counts.step(state, y, t + 48, config, level, held)
        crossed = ~held & (judged.log_evidence >= level)
        alarms += int(crossed[1:].sum())
        over = (held | crossed) & (judged.s_max < level / 2)
        state, held = counts.reset(state, over), (held | crossed) & ~over
    assert alarms <= 15


def test_other_bins_and_ratios_have_states_of_their_own() -> None:
    packed = counts.pack(lived(UP, 2.0), 0)
    other = replace(UP, lag=timedelta(hours=12))
    assert counts.unpack([packed], other).rates.bins[0] == 0
    assert counts.unpack([packed], UP).rates.bins[0] > 0


@pytest.mark.parametrize("config", [UP, DOWN])
def test_a_row_under_suspicion_leaves_the_others_as_they_would_be_without_it(
    config: CountConfig,
) -> None:
    """What only suspicion needs is not reckoned where there is none: it must change nothing."""
    rng, alone = np.random.default_rng(5), counts.start(3, config)
    beside, level = counts.start(4, config), np.full(4, 9.0)
    for t in range(4 * WEEK):
        y = rng.poisson((9.0, 5.0, 0.4, 3.0 if t < 300 else 40.0 * (config is UP)))
        held = np.array([False, False, False, t >= 2 * WEEK])
        usable = np.array([True, True, True, t % 50 > 0])
        alone, said = counts.step(alone, y[:3], t, config, level[:3])
        beside, told = counts.step(beside, y, t, config, level, held, usable=usable)
        assert said.log_evidence.tobytes() == told.log_evidence[:3].tobytes()
        assert said.gain.tobytes() == told.gain[:3].tobytes()
    assert [count_state.pack(alone, k) for k in range(3)] == [
        count_state.pack(beside, k) for k in range(3)
    ]
    assert beside.frozen_at[3] >= 0


def test_what_is_usual_of_a_span_is_the_sum_of_what_is_usual_of_its_bins() -> None:
    state = lived(UP, 4.0)
    hours = [counts.expected_since(state, t, t, UP)[0] for t in range(500, 530)]
    assert counts.expected_since(state, 500, 529, UP)[0] == pytest.approx(sum(hours))
    assert counts.expected_since(state, 500, 499, UP)[0] == 0
