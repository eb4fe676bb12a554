"""What a bin jumps beyond the threshold is given back, and not a bit more than that."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import betabinom

from alerts import detector, overshoot
from alerts.detector import DetectorConfig
from alerts.likelihood import log_ratios

ODDS = (1.5, 2.0, 3.0, 5.0)
LEVEL = np.array([np.log(100.0)])  # one alarm in 100 days
Q, RHO = np.array([0.25]), np.array([0.1])
YES = np.array([True])


def boost(log_wealth: float, n: int, level: float = 100.0) -> float:
    wealth = np.full((1, 4), log_wealth)
    found = overshoot.log_boost(wealth, np.array([n]), Q, RHO, np.log([level]), ODDS, YES)
    return float(found[0])


def spent(log_wealth: float, n: int, log_b: float) -> float:
    """E₀[min(b W(y), A)] / W"""
    y, m = np.arange(n + 1), 1 / RHO[0] - 1
    ell = log_ratios(np.full(n + 1, n), y, Q.repeat(n + 1), RHO.repeat(n + 1), ODDS)
    value = np.exp(log_wealth + log_b + ell).mean(axis=1)
    chance = betabinom.pmf(y, n, Q[0] * m, (1 - Q[0]) * m)
    return float(chance @ np.minimum(value, 100.0)) / np.exp(log_wealth)


@pytest.mark.parametrize("n", [2, 6, 30, 200])
@pytest.mark.parametrize("log_wealth", [2.0, 3.5, 4.4])
def test_with_the_boost_a_bin_spends_what_there_was_and_no_more(n: int, log_wealth: float) -> None:
    log_b = boost(log_wealth, n)
    assert spent(log_wealth, n, log_b) <= 1 + 1e-9
    if log_b:
        assert spent(log_wealth, n, log_b) == pytest.approx(1)
        assert spent(log_wealth, n, 0.0) < 1


def test_the_boost_grows_with_the_bin_and_with_what_has_piled_up() -> None:
    assert 0 < boost(4.0, 3) < boost(4.0, 30) < boost(4.0, 300)
    assert boost(1.0, 200) < boost(3.0, 200) < boost(4.4, 200)


@pytest.mark.parametrize("log_wealth", [2.0, 4.4])
def test_bins_of_thousands_of_stories_that_are_hardly_alike_overflow_nothing(
    log_wealth: float,
) -> None:
    wealth, many = np.full((1, 4), log_wealth), np.array([4_000])
    found = overshoot.log_boost(wealth, many, Q, np.array([0.001]), LEVEL, ODDS, YES)
    assert 0 < found[0] <= overshoot.MOST


def test_a_bin_that_cannot_reach_the_threshold_is_left_as_it_is() -> None:
    assert boost(0.0, 6, level=1e6) == 0
    assert boost(4.0, 0) == 0
    assert boost(5.0, 30) == 0  # has passed it already


def test_a_story_that_may_alarm_is_given_something_back_and_any_other_nothing() -> None:
    rng, one, given = np.random.default_rng(8), np.array([1]), 0
    for _ in range(300):
        q, rho = rng.uniform(0.005, 0.6, 1), rng.uniform(0.01, 0.3, 1)
        log_wealth = rng.uniform(2, 5, (1, 4))
        worst = log_wealth + log_ratios(one, one, q, rho, ODDS)
        before, after = (np.exp(log_m).mean() for log_m in (log_wealth, worst))
        found = overshoot.log_boost(log_wealth, one, q, rho, LEVEL, ODDS, YES)
        assert (found[0] > 0) == (before < 100 <= after)
        given += int(found[0] > 0)
    assert 30 < given < 270


def test_an_open_bin_and_a_stream_with_an_open_alert_are_given_nothing() -> None:
    config = DetectorConfig(bin=timedelta(days=1), alarms_per_week=0.14)
    state = detector.start(2, config)
    n = np.array([80, 80])
    for t in range(40):
        state, _ = detector.step(state, n, n // 4, t, config)
    bad, held = np.array([44, 44]), np.array([False, True])
    _, closed = detector.step(state, n, bad, 40, config, held)
    _, still_open = detector.step(state, n, bad, 40, config, held, provisional=True)
    assert closed.log_evidence[0] > still_open.log_evidence[0]
    assert closed.log_evidence[1] == still_open.log_evidence[1]


def test_days_that_are_quiet_alarm_no_more_often_than_promised() -> None:
    config = DetectorConfig(bin=timedelta(days=1), alarms_per_week=7 * 40 / 100)
    rng, state = np.random.default_rng(5), detector.start(40, config)
    held, alarms, days = np.zeros(40, dtype=np.bool_), 0, 0
    for t in range(400):
        q = rng.beta(0.25 * 9, 0.75 * 9, 40)
        y = rng.binomial(60, q)
        state, judged = detector.step(state, np.full(40, 60), y, t, config, held)
        crossed = (judged.log_evidence >= np.log(100)) & (judged.gain > 0) & ~held
        over = held & (judged.s_max < np.log(100) / 2)
        state, held = detector.reset(state, over), (held | crossed) & ~over
        if t >= 60:
            alarms, days = alarms + int(crossed[1:].sum()), days + 39
    assert 0.25 < alarms / (days / 100) < 1
