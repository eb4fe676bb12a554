"""The ratio that the detector of shares multiplies: of mean one under the null."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_counts import CONFIG, ints
from scipy.stats import betabinom

from alerts.likelihood import log_ratios


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
