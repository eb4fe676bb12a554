"""The e-detector: its recursions, its promise, its memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import betabinom

from alerts import baseline as base
from alerts import detector
from alerts.detector import DetectorConfig, DetectorState, Judged
from alerts.likelihood import log_ratios

CONFIG = DetectorConfig()


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_the_ratio_is_that_of_two_beta_binomials() -> None:
    q0, rho, theta = 0.25, 0.05, 3.0
    m = 1 / rho - 1
    q1 = theta * q0 / (1 - q0 + theta * q0)
    expected = betabinom.logpmf(7, 12, q1 * m, (1 - q1) * m) - betabinom.logpmf(
        7, 12, q0 * m, (1 - q0) * m
    )
    got = log_ratios(ints(12), ints(7), np.array([q0]), np.array([rho]), (theta,))
    assert got[0, 0] == pytest.approx(expected)


def test_under_the_null_the_ratio_has_mean_one_whatever_the_volume() -> None:
    for n in (1, 4, 40):
        y = np.arange(n + 1)
        q0, rho = np.full(n + 1, 0.3), np.full(n + 1, 0.08)
        ell = log_ratios(np.full(n + 1, n), y, q0, rho, CONFIG.odds)
        m = 1 / 0.08 - 1
        chance = betabinom.pmf(y, n, 0.3 * m, 0.7 * m)
        assert chance @ np.exp(ell) == pytest.approx(np.ones(4))


def test_within_a_bin_the_ratio_so_far_is_the_mean_of_the_ratio_to_come() -> None:
    q0, rho = 0.3, 0.08
    m = 1 / rho - 1
    next_negative = (q0 * m + 3) / (m + 5)  # Pólya's urn after 3 negatives of 5
    both = log_ratios(ints(6, 6), ints(4, 3), np.full(2, q0), np.full(2, rho), (2.0,))
    so_far = log_ratios(ints(5), ints(3), np.array([q0]), np.array([rho]), (2.0,))
    ahead = next_negative * np.exp(both[0, 0]) + (1 - next_negative) * np.exp(both[1, 0])
    assert ahead == pytest.approx(np.exp(so_far[0, 0]))


def test_the_recursion_is_shiryaev_roberts_with_the_silence_paid_out_at_the_next_story() -> None:
    state = detector.start(1, CONFIG)
    state, first = detector.step(state, ints(4), ints(3), 100, CONFIG)
    ell = log_ratios(ints(4), ints(3), first.share, first.rho, CONFIG.odds)
    began = np.exp(state.log_m)
    assert (began / np.exp(ell)).mean() == pytest.approx(1)  # E[M(t)] ≤ t, however it is dealt
    state, _ = detector.step(state, ints(0), ints(0), 101, CONFIG)
    state, second = detector.step(state, ints(2), ints(1), 102, CONFIG)
    more = log_ratios(ints(2), ints(1), second.share, second.rho, CONFIG.odds)
    staked = np.exp(state.log_m - more) - began
    assert staked.mean() == pytest.approx(2)


def test_bins_without_stories_change_no_evidence() -> None:
    state = detector.start(1, CONFIG)
    state, before = detector.step(state, ints(6), ints(5), 0, CONFIG)
    for t in range(1, 1000):
        state, after = detector.step(state, ints(0), ints(0), t, CONFIG)
    assert after.log_evidence == before.log_evidence
    assert after.gain == 0


def test_a_paused_stream_is_judged_but_not_taught() -> None:
    state = detector.start(2, CONFIG)
    paused = np.array([False, True])
    for t in range(60):
        state, judged = detector.step(state, ints(5, 5), ints(2, 5), t, CONFIG, paused=paused)
    assert judged.log_evidence[1] > judged.log_evidence[0]
    assert state.baseline.negatives[1] == 0 < state.baseline.negatives[0]


def test_what_came_while_news_was_missing_is_never_learned() -> None:
    state = detector.start(2, CONFIG)
    for t in range(12):
        state, _ = detector.step(state, ints(5, 5), ints(1, 1), t, CONFIG)
    state = detector.forget_since(state, np.array([False, True]), 4, 11)
    assert state.ring[0].sum() == 12 * 6
    assert state.ring[1].sum() == 4 * 6


def test_a_stream_of_larger_budget_alarms_and_freezes_on_less_evidence() -> None:
    level, state = np.array([40.0, 3.0, 40.0]), run(detector.start(3, CONFIG), range(300))
    state = detector.reset(state, np.array([True, True, True]))
    for t in range(300, 304):
        loud, bad = ints(6, 6, 6), ints(5, 5, 5)
        state, judged = detector.step(state, loud, bad, t, CONFIG, log_threshold=level)
    assert list(judged.log_threshold) == [40.0, 3.0, 40.0]
    assert list(judged.log_evidence >= level) == [False, True, False]
    assert list(state.frozen_at >= 0) == [False, True, False]


def test_a_bin_is_learned_only_when_it_is_a_day_old() -> None:
    state = detector.start(1, CONFIG)
    state, _ = detector.step(state, ints(5), ints(1), 0, CONFIG)
    for t in range(1, 24):
        state, _ = detector.step(state, ints(0), ints(0), t, CONFIG)
    assert state.baseline.others[0] == 0
    state, _ = detector.step(state, ints(0), ints(0), 24, CONFIG)
    assert state.baseline.others[0] > 0


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


NOBODY = np.zeros(3, dtype=np.bool_)


def test_another_checkpoint_takes_the_evidence_and_doubts_the_baseline() -> None:
    state = run(detector.start(3, CONFIG), range(900))
    fresh = detector.rebase(state, None, NOBODY)
    assert np.all(np.isneginf(fresh.log_m))
    assert state.ring.any()
    assert not fresh.ring.any()  # counts of the old checkpoint that nobody has learned yet
    before, after = state.baseline, fresh.baseline
    assert (before.negatives + before.others).max() > 250
    assert np.all(after.negatives + after.others <= 100 + 1e-9)
    assert np.allclose(
        after.negatives / (after.negatives + after.others),
        before.negatives / (before.negatives + before.others),
    )


def test_under_an_open_alert_another_checkpoint_takes_m_and_leaves_what_says_when_it_is_over() -> (
    None
):
    state = run(detector.start(3, CONFIG), range(300))
    for t in range(300, 306):
        state, _ = detector.step(state, ints(8, 8, 8), ints(7, 7, 7), t, CONFIG)
    held = np.array([False, True, False])
    known = base.Baseline(*(np.full(3, value) for value in (30.0, 70.0, 0.0, 0.0)))
    fresh = detector.rebase(state, known, held)
    assert np.all(np.isneginf(fresh.log_m))
    assert np.array_equal(fresh.s[1], state.s[1])
    assert np.array_equal(fresh.onset[1], state.onset[1])
    assert not fresh.s[[0, 2]].any()
    assert fresh.baseline is known


def test_a_busy_stream_remembers_no_more_stories_than_a_wandering_share_bears() -> None:
    state = detector.start(1, CONFIG)
    for t in range(400):
        state, _ = detector.step(state, ints(40), ints(10), t, CONFIG)
    known = state.baseline
    assert known.negatives + known.others == pytest.approx([CONFIG.prior.most])
    assert known.negatives / CONFIG.prior.most == pytest.approx([0.25])


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


def test_the_share_tested_against_is_told_of_every_stream_with_stories_or_without() -> None:
    state, silent = run(detector.start(3, CONFIG), range(300)), 0
    for t in range(300, 320):
        state, judged = detector.step(state, *counts(t), t, CONFIG)
        assert [judged.share_of(k) for k in range(3)] == judged.share.tolist()
        silent += int(counts(t)[0][2] == 0)
    assert 0 < silent < 20


def counts(t: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(t)
    n = rng.poisson((9, 3, 0.4))
    return n, rng.binomial(n, (0.3, 0.7 if 500 < t < 560 else 0.3, 0.2))


def run(state: DetectorState, bins: range) -> DetectorState:
    for t in bins:
        state, _ = detector.step(state, *counts(t), t, CONFIG)
    return state


def test_a_state_that_goes_through_bytes_after_each_bin_changes_nothing() -> None:
    whole = run(detector.start(3, CONFIG), range(700))
    pieces = detector.start(3, CONFIG)
    for t in range(700):
        pieces, _ = detector.step(pieces, *counts(t), t, CONFIG)
        pieces = detector.unpack([detector.pack(pieces, k) for k in range(3)], CONFIG)
    assert [detector.pack(pieces, k) for k in range(3)] == [
        detector.pack(whole, k) for k in range(3)
    ]


def test_a_stream_fits_into_512_bytes() -> None:
    assert len(detector.pack(run(detector.start(3, CONFIG), range(100)), 0)) <= 512


@pytest.mark.parametrize("data", [None, b"", b"\x07\x04\x18\x00" + bytes(300)])
def test_bytes_of_another_version_are_a_stream_not_yet_known(data: bytes | None) -> None:
    state = detector.unpack([data], CONFIG)
    assert detector.pack(state, 0) == detector.pack(detector.start(1, CONFIG), 0)


@pytest.mark.parametrize("volume", [0.2, 1.5, 6.0])
def test_quiet_streams_alarm_no_more_often_than_promised(volume: float) -> None:
    """60 streams, 6 weeks from a cold start, one alarm a stream in 26 weeks promised: 13.8."""
    streams, rng = 60, np.random.default_rng(5)
    config = replace(CONFIG, alarms_per_week=streams / 26)
    logit = -1.1 + 0.5 * rng.standard_normal(streams)
    share = 1 / (1 + np.exp(-logit))
    state, held, alarms = detector.start(streams, config), np.zeros(streams, dtype=bool), 0
    for t in range(6 * 168):
        n = rng.poisson(volume, streams)
        y = rng.binomial(n, share)
        n[0], y[0] = n[1:].sum(), y[1:].sum()
        state, judged = detector.step(state, n, y, t, config, held)
        crossed = ~held & (judged.log_evidence >= config.log_threshold(streams))
        alarms += int(crossed.sum())
        held |= crossed
    assert alarms <= 13


@pytest.mark.parametrize("version", [1, 2])
def test_bytes_of_earlier_versions_keep_what_was_learned(version: int) -> None:
    state = run(detector.start(3, CONFIG), range(600))
    today, wander, cells = detector.pack(state, 0), state.wander[0].nbytes, state.cells[0].nbytes
    before = bytes([version]) + today[1 : -(wander + (cells if version == 1 else 0))]
    found = detector.unpack([before], CONFIG)
    assert found.baseline.negatives[0] == state.baseline.negatives[0] > 0
    assert found.cells.any() == (version == 2)
    assert state.wander[0].any()
    assert not found.wander.any()


def test_a_fleet_whose_shares_were_seen_to_wander_is_tested_against_higher_ones() -> None:
    steady = run(detector.start(3, CONFIG), range(600))
    restless = replace(steady, wander=steady.wander + np.array([0, 0, 0, 9e3, 1e5], np.float32))
    n, y = counts(600)
    calm = detector.step(steady, n, y, 600, CONFIG)[1].share
    assert (detector.step(restless, n, y, 600, CONFIG)[1].share > calm + 0.01).all()
