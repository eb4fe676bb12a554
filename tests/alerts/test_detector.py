"""The e-detector: its recursion, its promise, what it is tested against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_counts import CONFIG, counts, ints, run

from alerts import detector
from alerts.likelihood import log_ratios


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


def test_a_busy_stream_remembers_no_more_stories_than_a_wandering_share_bears() -> None:
    state = detector.start(1, CONFIG)
    for t in range(400):
        state, _ = detector.step(state, ints(40), ints(10), t, CONFIG)
    known = state.baseline
    assert known.negatives + known.others == pytest.approx([CONFIG.prior.most])
    assert known.negatives / CONFIG.prior.most == pytest.approx([0.25])


def test_the_share_tested_against_is_told_of_every_stream_with_stories_or_without() -> None:
    state, silent = run(detector.start(3, CONFIG), range(300)), 0
    for t in range(300, 320):
        state, judged = detector.step(state, *counts(t), t, CONFIG)
        assert [judged.share_of(k) for k in range(3)] == judged.share.tolist()
        silent += int(counts(t)[0][2] == 0)
    assert 0 < silent < 20


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


def test_a_fleet_whose_shares_were_seen_to_wander_is_tested_against_higher_ones() -> None:
    steady = run(detector.start(3, CONFIG), range(600))
    restless = replace(steady, wander=steady.wander + np.array([0, 0, 0, 9e3, 1e5], np.float32))
    n, y = counts(600)
    calm = detector.step(steady, n, y, 600, CONFIG)[1].share
    assert (detector.step(restless, n, y, 600, CONFIG)[1].share > calm + 0.01).all()
