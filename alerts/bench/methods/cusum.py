"""Likelihood-ratio CUSUMs: binomial shares, negative-binomial counts, and the oracle.

Page, "Continuous inspection schemes", Biometrika 41 (1954): S ← max(0, S + ln f1/f0). The oracle
knows the true share, the dispersion and the shift: what no method can know, the skyline.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln

from alerts.bench.alarms import Hits, Method, sums
from alerts.bench.streams import Block
from alerts.bench.windows import DAY, WEEK, Counts, Floats, ago, forgetting, learned_share

ODDS = 2.0  # the shift that the binomial CUSUM is built for
RATIO = 2.0  # the rise in counts that the negative-binomial one is built for
SEASON_HALF_LIFE = 4  # weeks


def binomial_gain(n: Counts, y: Counts, q0: Floats) -> Floats:
    """ln of Bin(y; n, q1) / Bin(y; n, q0), where odds(q1) = ODDS · odds(q0)."""
    return np.asarray(y * np.log(ODDS) - n * np.log(1 - q0 + ODDS * q0))


def binomial(block: Block) -> Hits:
    return sums(binomial_gain(block.n, block.y, learned_share(block.n, block.y)), block)


def negative_binomial_gain(y: Counts, mean: Floats, alpha: Floats) -> Floats:
    """ln of NB(y; RATIO · mean, α) / NB(y; mean, α), variance = mean + α mean².

    Höhle and Paul, "Count data regression charts", CSDA 52 (2008).
    """
    return np.asarray(
        y * np.log(RATIO)
        + (y + 1 / alpha) * np.log((1 + alpha * mean) / (1 + alpha * RATIO * mean))
    )


def negative_binomial(block: Block) -> Hits:
    mean = seasonal_mean(block.y)
    return sums(negative_binomial_gain(block.y, mean, dispersion(block.y, mean)), block)


def seasonal_mean(y: Counts) -> Floats:
    """Expected negatives by hour of day, working days and weekends apart, learned from past weeks.

    Looks back from the week before; the first week has its own mean, of which nothing is counted.
    """
    weeks = len(y) // WEEK
    by_day = y[: weeks * WEEK].reshape(weeks, 7, DAY, -1)
    profile = np.empty(by_day.shape)
    for days in (slice(0, 5), slice(5, 7)):
        width = days.stop - days.start
        seen = forgetting(by_day[:, days].sum(axis=1), SEASON_HALF_LIFE)
        weight = forgetting(np.full((weeks, 1, 1), float(width)), SEASON_HALF_LIFE)
        mean = np.concatenate([(seen / weight)[:1], (seen / weight)[:-1]])
        profile[:, days] = mean[:, None]
    return np.maximum(profile.reshape(weeks * WEEK, -1), 0.02)


def dispersion(y: Counts, mean: Floats) -> Floats:
    """α by moments over all hours so far, a week late; between 0.01 and 5."""
    excess = np.cumsum((y - mean) ** 2 - mean, axis=0)
    squares = np.cumsum(mean**2, axis=0)
    return np.clip(ago(excess, WEEK) / np.maximum(ago(squares, WEEK), 1.0), 0.01, 5.0)


def oracle_gain(n: Counts, y: Counts, q0: Floats, q1: Floats, rho: float) -> Floats:
    """ln of BetaBin(y; n, q1, ρ) / BetaBin(y; n, q0, ρ)."""
    m = 1 / max(rho, 1e-6) - 1
    return np.asarray(
        betaln(y + q1 * m, n - y + (1 - q1) * m)
        - betaln(q1 * m, (1 - q1) * m)
        - betaln(y + q0 * m, n - y + (1 - q0) * m)
        + betaln(q0 * m, (1 - q0) * m)
    )


def oracle(block: Block) -> Hits:
    return sums(oracle_gain(block.n, block.y, block.share, block.shifted, block.rho), block)


_LADDER = np.linspace(0.5, 40.0, 1581)
BINOMIAL = Method("binomial_cusum", "Page, Biometrika 41 (1954)", binomial, _LADDER)
NEGATIVE_BINOMIAL = Method("nb_cusum", "Höhle, Paul, CSDA 52 (2008)", negative_binomial, _LADDER)
ORACLE = Method("oracle_cusum", "Page, Biometrika 41 (1954), told the truth", oracle, _LADDER)
