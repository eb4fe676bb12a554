"""From alarms to figures: rates and shares with exact intervals, delays with bootstrap ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

Floats = NDArray[np.float64]
LEVEL = 0.95
RESAMPLES = 1000


def clopper_pearson(successes: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Exact interval of a binomial share (Clopper and Pearson, Biometrika 26, 1934)."""
    tail = (1 - level) / 2
    low = beta.ppf(tail, successes, trials - successes + 1) if successes else 0.0
    high = beta.ppf(1 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Rate:
    """Alarms a stream-week."""

    measured: float
    low: float
    high: float
    alarms: int
    stream_weeks: float


def rate(alarms: int, stream_weeks: float) -> Rate:
    """Rate with its exact interval; a trial is a stream-day, in which at most one alarm counts."""
    days = max(1, round(7 * stream_weeks))
    low, high = clopper_pearson(min(alarms, days), days)
    return Rate(alarms / max(stream_weeks, 1 / 7), 7 * low, 7 * high, alarms, stream_weeks)


@dataclass(frozen=True, slots=True)
class Delay:
    """Hours from the start of a shift to the end of the bin that alarmed; inf: not in time."""

    median: float
    median_low: float
    median_high: float
    p90: float
    restricted_mean: float  # a shift that is not detected counts as long as it lasts
    detected: float  # share of shifts
    detected_low: float
    detected_high: float
    shifts: int


def delay(hours: Floats, shift: int, seed: int = 0) -> Delay:
    """Of the delays of (S,) shifts of `shift` hours, inf for those not detected."""
    found = int(np.isfinite(hours).sum())
    low, high = clopper_pearson(found, len(hours))
    median_low, median_high = bootstrap_median(hours, seed)
    return Delay(
        quantile(hours, 0.5),
        median_low,
        median_high,
        quantile(hours, 0.9),
        float(np.minimum(hours, shift).mean()),
        found / len(hours),
        low,
        high,
        len(hours),
    )


def quantile(hours: Floats, level: float) -> float:
    """The smallest delay within which `level` of all shifts are detected; may be inf."""
    return float(np.quantile(hours, level, method="inverted_cdf"))


def bootstrap_median(hours: Floats, seed: int) -> tuple[float, float]:
    """Percentile interval of the median over resampled shifts."""
    rng = np.random.default_rng(seed)
    drawn = hours[rng.integers(0, len(hours), (RESAMPLES, len(hours)))]
    medians = np.quantile(drawn, 0.5, axis=1, method="inverted_cdf")
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(medians, (tail, 1 - tail), method="inverted_cdf")
    return float(low), float(high)
