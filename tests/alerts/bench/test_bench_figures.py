"""Rates, delays and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from alerts.bench import figures


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.308498), (5, 10, 0.187086, 0.812914), (10, 10, 0.691503, 1.0)],
)
def test_clopper_pearson_gives_the_tabulated_intervals(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert figures.clopper_pearson(successes, trials) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("successes", "trials"), [(1, 182), (7, 700), (699, 700)])
def test_at_the_ends_of_the_interval_what_was_seen_has_the_chance_of_one_tail(
    successes: int, trials: int
) -> None:
    low, high = figures.clopper_pearson(successes, trials)
    assert binom.sf(successes - 1, trials, low) == pytest.approx(0.025)
    assert binom.cdf(successes, trials, high) == pytest.approx(0.025)


def test_a_rate_is_of_stream_weeks_and_its_interval_of_stream_days() -> None:
    rate = figures.rate(2, 52.0)
    low, high = figures.clopper_pearson(2, 364)
    assert rate.measured == pytest.approx(1 / 26)
    assert (rate.low, rate.high) == pytest.approx((7 * low, 7 * high))


def test_a_shift_that_is_not_found_in_time_is_later_than_all_others() -> None:
    delay = figures.delay(np.array([5.0, 7.0, 9.0, np.inf]), shift=72)
    assert (delay.median, delay.p90, delay.detected) == (7.0, np.inf, 0.75)
    assert delay.restricted_mean == (5 + 7 + 9 + 72) / 4
    assert delay.median_low <= 7.0 <= delay.median_high


def test_the_interval_of_a_median_narrows_with_the_number_of_shifts() -> None:
    rng = np.random.default_rng(1)
    widths = []
    for shifts in (50, 2000):
        low, high = figures.bootstrap_median(rng.exponential(20, shifts), seed=0)
        widths.append(high - low)
    assert widths[1] < widths[0] / 3
