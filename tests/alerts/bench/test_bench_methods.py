"""Each baseline on numbers worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import betabinom, binom, nbinom, t

from alerts.bench import alarms
from alerts.bench.methods import METHODS, cusum, ears, ours, river_drift, s_h_esd, share
from alerts.bench.streams import Block
from alerts.bench.windows import Floats
from alerts.detector import DetectorConfig


def lived(n: np.ndarray, y: np.ndarray) -> Block:
    """A block of given counts in which everything is counted and allowed."""
    every = np.ones(n.shape, dtype=np.bool_)
    onset = np.full(n.shape[1], len(n))
    share = np.full(n.shape, 0.25)
    return Block(n, y, share, share, 0.0, every, every, onset, ())


def days(*counts: float) -> Floats:
    """Sums of the last 24 hours that stay the same for a day."""
    return np.repeat(np.array(counts, dtype=float), 24)[:, None]


def test_c2_compares_today_with_seven_days_and_leaves_out_two() -> None:
    daily = days(1, 2, 3, 4, 5, 6, 7, 100, 100, 10)  # mean 4, variance 28 / 6
    assert ears.c2_scores(daily)[-1, 0] == pytest.approx((10 - 4) / np.sqrt(28 / 6))


def test_c2_takes_half_a_story_for_the_spread_of_a_flat_week() -> None:
    assert ears.c2_scores(days(*[2] * 9, 3))[-1, 0] == pytest.approx(2.0)


def test_c3_sums_what_three_days_were_above_one() -> None:
    daily = days(*[2] * 9, 3, 4, 2.25)  # C2 of the last three days: 2, 4, 0.5
    assert ears.c3_scores(daily)[-1, 0] == pytest.approx((2 - 1) + (4 - 1) + 0)


def test_w2_compares_working_days_with_working_days_and_weekends_with_weekends() -> None:
    assert ears.same_kind(0) == [3, 4, 5, 6, 7, 10, 11]  # Monday: Fri Thu Wed Tue Mon Fri Thu
    assert ears.same_kind(5) == [6, 7, 13, 14, 20, 21, 27]
    week = [10.0] * 5 + [2.0] * 2
    scores = ears.w2_scores(days(*week * 5, *[10.0] * 5, 3.0))
    assert scores[-1, 0] == pytest.approx((3 - 2) / 0.5)
    assert scores[-25, 0] == 0


def test_z_counts_standard_deviations_of_a_binomial() -> None:
    z = share.z_scores(np.array([24.0, 0.0]), np.array([12.0, 0.0]), np.array([0.25, 0.25]))
    assert z.tolist() == [pytest.approx(6 / np.sqrt(4.5)), -np.inf]


def test_a_smoothed_series_forgets_by_its_factor() -> None:
    smooth = share.smoothed(np.array([[8.0], [0.0], [2.0]]), 0.5)
    assert smooth.ravel().tolist() == [8.0, 4.0, 4.0]


def test_ewma_grows_to_the_z_of_its_weights_under_a_steady_excess() -> None:
    n, y = np.full((4000, 1), 8), np.full((4000, 1), 2)
    y[-400:] = 4  # all at once, well before the baseline has learned much of it
    hits = share.ewma(lived(n, y))
    w = share.WEIGHT
    end = 2 / np.sqrt(8 * 0.25 * 0.75 * w**2 / (1 - (1 - w) ** 2))
    assert not hits(0.1)[3000:3600].any()
    assert hits(0.9 * end)[3650, 0]
    assert not hits(1.01 * end)[3600:].any()


def test_a_fixed_share_speaks_only_of_five_stories_or_more() -> None:
    n, y = np.zeros((60, 1), int), np.zeros((60, 1), int)
    n[10], y[10], n[50], y[50] = 4, 4, 5, 4
    assert np.flatnonzero(share.fixed(lived(n, y))(0.8)).tolist() == list(range(50, 60))


def test_a_cusum_adds_stops_at_zero_alarms_and_begins_again() -> None:
    gains = np.array([[1.0], [-2.0], [1.0], [2.0], [2.5], [0.5]])  # S: 1 0 1 3! 2.5 3!
    every = lived(np.ones((6, 1), int), np.ones((6, 1), int))
    assert np.flatnonzero(alarms.sums(gains, every)(3.0)).tolist() == [3, 5]


def test_a_cusum_waits_until_it_may_alarm() -> None:
    one = lived(np.ones((3, 1), int), np.ones((3, 1), int))
    one = replace(one, allowed=np.array([[False], [False], [True]]))
    assert np.flatnonzero(alarms.sums(np.array([[4.0], [-0.5], [0.0]]), one)(3.0)).tolist() == [2]


def test_the_binomial_gain_is_a_ratio_of_two_binomials() -> None:
    q0, q1 = 0.25, 0.4  # odds 1/3 and 2/3
    expected = binom.logpmf(7, 12, q1) - binom.logpmf(7, 12, q0)
    gain = cusum.binomial_gain(np.array([12]), np.array([7]), np.array([q0]))
    assert gain[0] == pytest.approx(expected)


def test_the_negative_binomial_gain_is_a_ratio_of_two_negative_binomials() -> None:
    alpha, mean = 0.3, 4.0

    def log_chance(mu: float) -> float:
        return float(nbinom.logpmf(9, 1 / alpha, 1 / (1 + alpha * mu)))

    gain = cusum.negative_binomial_gain(np.array([9]), np.array([mean]), np.array([alpha]))
    assert gain[0] == pytest.approx(log_chance(2 * mean) - log_chance(mean))


def test_the_oracles_gain_is_a_ratio_of_two_beta_binomials() -> None:
    q0, q1, m = 0.25, 0.5, 1 / 0.05 - 1
    expected = betabinom.logpmf(7, 12, q1 * m, (1 - q1) * m)
    expected -= betabinom.logpmf(7, 12, q0 * m, (1 - q0) * m)
    gain = cusum.oracle_gain(
        np.array([12]), np.array([7]), np.array([q0]), np.array([q1]), rho=0.05
    )
    assert gain[0] == pytest.approx(expected)


def test_expected_counts_know_the_hour_and_the_weekend() -> None:
    hour = np.arange(6 * 168)
    y = np.where(hour // 24 % 7 >= 5, 1, 4) * (hour % 24 == 9)
    mean = cusum.seasonal_mean(y[:, None])[-168:, 0].reshape(7, 24)
    assert mean[:, 9] == pytest.approx([4] * 5 + [1] * 2)
    assert mean[:, 10] == pytest.approx([0.02] * 7)


def test_expected_counts_come_from_the_weeks_before() -> None:
    y = np.full((6 * 168, 1), 4)
    y[-168:] = 40
    assert cusum.seasonal_mean(y)[-168:] == pytest.approx(4)


def test_s_h_esd_finds_a_planted_spike_and_says_how_surely() -> None:
    rng = np.random.default_rng(0)
    series = np.tile([1.0, 2.0, 3.0, 2.0], 28) + 0.1 * rng.standard_normal(112)
    spiked = series.copy()
    spiked[-1] += 1.0  # 3 would be usual at another time of day
    calm, sure = s_h_esd.last_point(np.stack([series, spiked]))
    assert calm < 3
    assert sure > 15


def test_s_h_esd_finds_nothing_in_a_flat_series() -> None:
    flat = np.tile([1.0, 2.0, 3.0, 2.0], 28)
    assert s_h_esd.last_point(np.stack([flat, np.zeros(112)])).tolist() == [0, 0]


def test_s_h_esd_speaks_of_the_newest_point_only() -> None:
    series = 0.1 * np.random.default_rng(1).standard_normal(112)
    series[[20, 110]] = 5.0
    series[-1] = 0.05
    assert s_h_esd.last_point(series[None])[0] < 1


def test_s_h_esd_is_not_blinded_by_other_spikes_that_are_larger() -> None:
    series = 0.1 * np.random.default_rng(1).standard_normal(112)
    series[[20, 61, 90]] = 5.0
    series[-1] = 1.0
    assert s_h_esd.last_point(series[None])[0] > 15


def test_strictness_is_the_alpha_at_which_grubbs_limit_is_met() -> None:
    size, alpha = 60, 1e-4
    quantile = t.ppf(1 - alpha / size, size - 2)
    limit = quantile * (size - 1) / np.sqrt((size - 2 + quantile**2) * size)
    assert s_h_esd.strictness(np.array([limit]), size)[0] == pytest.approx(-np.log(alpha))


@pytest.mark.parametrize(
    ("method", "threshold"), [(river_drift.ADWIN, 5.0), (river_drift.PAGE_HINKLEY, 15.0)]
)
def test_rivers_detectors_see_a_rise_and_not_a_fall(
    method: alarms.Method, threshold: float
) -> None:
    pytest.importorskip("river", reason=river_drift.PIN)
    rng = np.random.default_rng(2)
    q = np.concatenate([np.full(600, 0.5), np.full(300, 0.15), np.full(200, 0.6)])
    n = np.full((1100, 1), 10)
    hours = np.flatnonzero(method.read(lived(n, rng.binomial(n, q[:, None])))(threshold))
    assert 900 < hours[0] < 1000


def test_without_river_one_line_says_what_to_install() -> None:
    assert river_drift.missing("no_such_package").endswith(f"pip install {river_drift.PIN}")


def test_our_alarm_is_carried_by_fresh_evidence() -> None:
    n, y = np.full((640, 2), 8), np.full((640, 2), 2)
    y[600:607, 1] = 8
    y[607, 1], y[608, 1] = 1, 8
    one = lived(n, y)
    one = replace(one, allowed=np.broadcast_to(np.arange(640)[:, None] >= 607, n.shape))
    alarms = ours.watch(one, ours.promised_threshold(1 / 26), DetectorConfig())
    assert np.flatnonzero(alarms[:, 1]).tolist() == [608]
    assert not alarms[:, 0].any()


def test_methods_have_names_of_their_own_and_ladders_that_climb() -> None:
    assert len({method.name for method in METHODS}) == len(METHODS) == 15
    assert all(np.all(np.diff(method.ladder) > 0) for method in METHODS)


def test_alarms_within_a_day_of_another_are_one() -> None:
    hits = np.zeros((100, 1), dtype=np.bool_)
    hits[[10, 11, 34, 70]] = True
    block = lived(np.ones((100, 1), int), np.ones((100, 1), int))
    assert alarms.false_alarms(hits, block) == 2
    assert alarms.false_alarms(hits, replace(block, counted=np.arange(100)[:, None] > 50)) == 1


def test_a_delay_is_counted_to_the_end_of_the_bin_that_alarms() -> None:
    hits = np.zeros((100, 3), dtype=np.bool_)
    hits[[5, 20, 40], 0] = True
    hits[95, 1] = True
    block = replace(lived(np.ones((100, 3), int), np.ones((100, 3), int)), onset=np.full(3, 20))
    assert alarms.delays(hits, block, 72).tolist() == [1, np.inf, np.inf]
