"""The ratio that the detector of counts multiplies: of mean one under the null, or less."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_counts import ints
from scipy.stats import nbinom, poisson

from alerts import counts
from alerts.count_state import SILENCE, SURGE


def e_value(law: np.ndarray, mu: float, phi: float, ratios: tuple[float, ...]) -> np.ndarray:
    """E[e^ℓ] when the count has the log probabilities `law`: (J,)."""
    y = np.arange(len(law))
    ell = counts.log_ratios(y, np.full(len(y), mu), np.full(len(y), phi), ratios)
    return np.asarray(np.exp(law[:, None] + ell).sum(axis=0))


def negative_binomial(mu: float, phi: float) -> np.ndarray:
    return np.asarray(nbinom.logpmf(np.arange(2000), 1 / phi, 1 / (1 + phi * mu)))


POISSON = poisson.logpmf(np.arange(300), 3.0)


def test_the_ratio_is_that_of_two_negative_binomials() -> None:
    mu, phi, theta = 3.0, 0.2, 2.5
    r = 1 / phi
    expected = nbinom.logpmf(7, r, r / (r + theta * mu)) - nbinom.logpmf(7, r, r / (r + mu))
    got = counts.log_ratios(ints(7), np.array([mu]), np.array([phi]), (theta,))
    assert got[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("ratios", [SURGE, SILENCE])
def test_under_the_null_the_ratio_has_mean_one(ratios: tuple[float, ...]) -> None:
    for mu, phi in ((0.1, 0.02), (3.0, 0.2), (20.0, 0.1)):
        assert e_value(negative_binomial(mu, phi), mu, phi, ratios) == pytest.approx(np.ones(3))


def test_a_smaller_mean_or_dispersion_only_makes_a_surge_less_likely() -> None:
    for law in (negative_binomial(3.0, 0.1), negative_binomial(2.0, 0.2), POISSON):
        assert np.all(e_value(law, 3.0, 0.2, SURGE) < 1)


def test_a_larger_mean_or_smaller_dispersion_only_makes_a_silence_less_likely() -> None:
    for law in (negative_binomial(3.0, 0.1), negative_binomial(4.0, 0.2), POISSON):
        assert np.all(e_value(law, 3.0, 0.2, SILENCE) < 1)


def test_a_look_at_an_open_bin_never_says_more_than_the_closed_one() -> None:
    y = np.arange(60)
    ell = counts.log_ratios(y, np.full(60, 3.0), np.full(60, 0.2), SURGE)
    assert np.all(np.diff(ell, axis=0) > 0)
