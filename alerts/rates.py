"""How many stories a bin usually brings: learned late, forgotten slowly, by hour and weekend.

Arrays have one row each for what is counted, (K,); row 0 is the whole, whose hours stand in for
those of every row that is too thin to have learned its own.

A row's mean in a bin is rate × s(cell), the cell being the hour of the day, on a weekday or on a
weekend (with daily bins: the day of the week). The rate has the gamma posterior of over-dispersed
Poisson counts: a bin of mean μ is learned with weight 1/(1 + φμ), which makes the mean the
efficient one under Var = μ + φμ² and keeps the posterior as wide as clustered news leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Cells = NDArray[np.float32]

CELLS = 48  # weekdays first, then the weekend
_EVEN = np.ones(24)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RatePrior:
    """What is believed of a rate before it has been seen, and how far it may be trusted after."""

    warm_up: timedelta = timedelta(days=7)  # learned before anything is judged: one weekend
    ceiling: float = 100.0  # stories: a rate that wanders is never known better than ±10 %
    caution: float = 1.0  # standard deviations on the safe side of what was estimated
    dispersion: float = 0.2
    dispersion_strength: float = 10.0  # in units of 1/variance
    dispersion_memory: float = 4.0  # half-lives of the rate in one of φ
    dispersion_floor: float = 0.02
    dispersion_ceiling: float = 3.0
    dispersion_caution: float = 1.0  # standard deviations above what was estimated
    cell_strength: float = 10.0  # stories that belief in the parent's hours is worth
    cell_half_life: float = 4.0  # weeks
    cell_floor: float = 2.0  # stories a day below which a row's own hours are not learned


@dataclass(frozen=True, slots=True)
class Rates:
    """Decayed sufficient statistics of K rows."""

    seen: Floats  # (K,) weighted stories
    exposure: Floats  # (K,) weighted bins, each worth s(cell)
    excess: Floats  # (K,) numerator of the moment estimate of φ
    pairs: Floats  # (K,) its denominator
    bins: NDArray[np.int64]  # (K,) learned so far, not decayed
    cells: Cells  # (K, 48, 2) weighted stories, and those that an even spread would bring


def empty(rows: int) -> Rates:
    seen, exposure, excess, pairs = (np.zeros(rows) for _ in range(4))
    cells = np.zeros((rows, CELLS, 2), np.float32)
    return Rates(seen, exposure, excess, pairs, np.zeros(rows, np.int64), cells)


@lru_cache(maxsize=256)
def cell(number: int, width: timedelta) -> int:
    """The seasonal cell of bin `number` after 1970-01-01, a Thursday, 00:00 UTC."""
    day, of_day = divmod(number * width, DAY)
    weekday = (day + 3) % 7
    if width >= DAY:
        return weekday if weekday < 5 else 24 + weekday - 5
    return of_day // timedelta(hours=1) + 24 * (weekday >= 5)


def dispersion(rates: Rates, prior: RatePrior) -> Floats:
    """(K,) φ of Var = μ + φμ², an upper estimate, shrunk to the prior."""
    known = rates.pairs + prior.dispersion_strength
    phi = (rates.excess + prior.dispersion * prior.dispersion_strength) / known
    phi = phi + prior.dispersion_caution * np.sqrt(1 / known) * (rates.pairs / known)
    return np.minimum(np.maximum(phi, prior.dispersion_floor), prior.dispersion_ceiling)


def mean_rate(rates: Rates) -> Floats:
    """(K,) stories a bin, averaged over the cells; half a story before anything is known."""
    return _mean(rates.seen, rates.exposure)


def _mean(seen: Floats, exposure: Floats) -> Floats:
    return (seen + 0.5) / (exposure + 1)


def safe_rate(rates: Rates, prior: RatePrior, upper: bool) -> Floats:
    """(K,) the rate tested against: a quantile of its posterior on the safe side.

    The quantile of a gamma of shape a, by Wilson and Hilferty: a(1 − 1/9a + z/3√a)³.
    """
    a = np.minimum(rates.seen + 0.5, prior.ceiling)
    z = prior.caution if upper else -prior.caution
    factor = np.maximum(0.0, 1 - 1 / (9 * a) + z / (3 * np.sqrt(a))) ** 3
    return np.asarray(mean_rate(rates) * factor)


def season(rates: Rates, at: int, prior: RatePrior) -> Floats:
    """(K,) s(cell): how a cell compares to the average one.

    A row's cell is shrunk to its parent's, raised or lowered as the row's weekdays or weekend
    are: two days that differ from the parent's are learned long before 24 hours are.
    """
    strength = prior.cell_strength
    part = slice(24 * (at // 24), 24 * (at // 24) + 24)
    whole = _shrunk(rates.cells[0, part], _EVEN, strength)
    own = rates.cells[:, part].astype(np.float64)
    expected = own[:, :, 1] @ whole
    level = (own[:, :, 0].sum(axis=1) + 2 * strength) / (expected + 2 * strength)
    factor = _shrunk(own[:, at % 24], whole[at % 24] * level, strength)
    factor[0] = whole[at % 24]
    return factor


def _shrunk(cells: NDArray[np.floating], believed: Floats, strength: float) -> Floats:
    stories, even = cells[..., 0], cells[..., 1]
    return (stories + strength * believed) / (even + strength)


def weigh(mean: Floats, phi: Floats) -> Floats:
    """(K,) the weight with which a bin of this mean is learned."""
    return 1 / (1 + phi * mean)


def decay(rates: Rates, factor: float, where: Mask, prior: RatePrior) -> Rates:
    """Forget a little in the rows named: the rate by `factor`, φ more slowly."""
    rate = np.where(where, factor, 1.0)
    phi = np.where(where, factor ** (1 / prior.dispersion_memory), 1.0)
    return Rates(
        rates.seen * rate,
        rates.exposure * rate,
        rates.excess * phi,
        rates.pairs * phi,
        rates.bins,
        rates.cells,
    )


def learn(
    rates: Rates,
    count: Counts,
    at: int,
    where: Mask,
    width: timedelta,
    prior: RatePrior,
    factor: Floats,
) -> Rates:
    """Take in one bin of cell `at`, (K,) stories, in the rows named. `factor`: its season."""
    y, mean = count.astype(np.float64), mean_rate(rates) * factor
    inflation = 1 + dispersion(rates, prior) * mean
    weight = 1 / inflation * where
    excess, pairs = _moments(y, mean, inflation)
    ready = where & (rates.bins >= DAY / width)  # a first guess at the mean teaches no φ
    seen, exposure = rates.seen + weight * y, rates.exposure + weight * factor
    return Rates(
        seen,
        exposure,
        rates.excess + excess * ready,
        rates.pairs + pairs * ready,
        rates.bins + where,
        _learn_cell(rates.cells, y, _mean(seen, exposure), at, weight * ready, width, prior),
    )


def _learn_cell(
    known: Cells,
    count: Floats,
    rate: Floats,
    at: int,
    weight: Floats,
    width: timedelta,
    prior: RatePrior,
) -> Cells:
    """Only rows with volume have hours of their own; the others lose what they had."""
    own = rate * (DAY / width) >= prior.cell_floor
    visits = prior.cell_half_life * _visits(at, width)
    kept = np.where(weight > 0, 0.5 ** (1 / visits), 1.0)
    cells, weight = known.copy(), weight * own
    cells[~own] = 0
    cell = cells[:, at]
    cell[:, 0] = cell[:, 0] * kept + weight * count
    cell[:, 1] = cell[:, 1] * kept + weight * rate
    return cells


def _visits(at: int, width: timedelta) -> float:
    """Bins a week that fall into a cell."""
    if width >= DAY:
        return 1.0
    return (5 if at < 24 else 2) * (timedelta(hours=1) / width)


def _moments(count: Floats, mean: Floats, inflation: Floats) -> tuple[Floats, Floats]:
    """Moments for φ: E[(y−μ)² − μ] = φμ², bins weighted by their precision; inflation: 1 + φμ.

    One bin moves the estimate by at most sixteen expected variances, so that one odd hour does
    not blunt the detector for weeks.
    """
    variance, square = mean * inflation, mean**2
    squared = np.minimum((count - mean) ** 2, 16 * variance + 1)
    weight = square / (variance * (1 + 2 * variance))
    return weight * (squared - mean), weight * square


def add(rates: Rates, seen: Floats, exposure: Floats) -> Rates:
    """Add counts that have been weighed already."""
    return replace(rates, seen=rates.seen + seen, exposure=rates.exposure + exposure)


def cap(rates: Rates, strength: Floats) -> Rates:
    """Keep each rate, but believe it no more than `strength` (K,) bins."""
    f = np.minimum(1.0, strength / np.maximum(rates.exposure, 1e-12))
    return replace(rates, seen=rates.seen * f, exposure=rates.exposure * f)
