"""How far shares wander from what was expected of them, beyond chance: measured, not assumed.

A baseline that is a little wrong stays so for days, and evidence adds up the same error bin after
bin. No single bin shows it, sums do. Over a day (with daily bins, a week) of n stories and y
negatives, with expected shares q,

    R = Σ (y − n q),   V = Σ n q(1−q) (1 + (n−1)ρ),   w = Σ n q(1−q),   E[R²] = C + τ² w²

where C = V + v w² is chance, v the variance of a share known from so many stories, and τ the
standard deviation, in logits, of a lasting error beyond it: of shares that drift, of rhythms not
known. The moment estimate of τ² weighs each day by its precision, w⁴/C², and pools all streams but
the whole: one stream alone would need a year.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import Counts, Floats, Rows

SMALL = 0.42  # τ ln A up to which caution in proportion to τ is enough
STEEP = 10.0  # times τ² up to which the caution grows with the square of τ: baselines follow
USUAL = 0.08  # τ believed before anything is measured
STRENGTH = 20_000.0  # of that belief, as a weight: it may well be twice as much, or nothing
LEAST, MOST = 0.03, 0.5
HALF_LIFE = 56  # spans in which half of what was measured is forgotten
OUTLIER = 9.0  # a day counts as at most three standard deviations

Wander = NDArray[np.float32]


def none(streams: int) -> Wander:
    """(K, 5) of each stream: R, V and w of the span that runs, Σ w²(R² − C)/C² and Σ w⁴/C²."""
    return np.zeros((streams, 5), np.float32)


def variance(wander: Wander) -> float:
    """τ², in square logits, of all streams together."""
    excess, weight = wander[1:, 3:].sum(axis=0, dtype=np.float64)
    found = (excess + STRENGTH * USUAL**2) / (weight + STRENGTH)
    return float(np.clip(found, LEAST**2, MOST**2))


def allowance(wander: Wander, log_threshold: float) -> float:
    """τ² as it is to be allowed for, with alarms at ln A: more than measured where that is much.

    A lasting error b multiplies evidence by e^{g b} until the alarm, in the mean by e^{g²τ²/2}: the
    caution that pays for it is g τ²/2 logits and grows with the square of τ, and with ln A, which
    decides how long evidence is gathered. In proportion to τ, as a quantile does, it is enough as
    long as τ is small. Errors that are large do not last, as baselines follow: beyond STEEP the
    caution grows halfway between the two, with τ to the power of one and a half.
    """
    found = variance(wander)
    square = found * (log_threshold / SMALL) ** 2
    return found * max(1.0, min(square, math.sqrt(STEEP * square)))


def take(wander: Wander, rows: Rows, n: Counts, y: Counts, share: Floats, rho: Floats) -> Wander:
    """Take in one bin of the rows named (R,), `share` (R,) having been expected."""
    w = n * share * (1 - share)
    wander = wander.copy()
    said = np.stack([y - n * share, w * (1 + np.maximum(n - 1, 0) * rho), w], axis=1)
    wander[rows, :3] += said.astype(np.float32)
    return wander


def begin_again(wander: Wander) -> Wander:
    """A span begun under other labels says nothing."""
    wander = wander.copy()
    wander[:, :3] = 0
    return wander


def close(wander: Wander, known: Floats) -> Wander:
    """The span has ended: what it has said of τ², and a new one. `known`: v (K,)."""
    residual, chance, w = wander[:, :3].astype(np.float64).T
    chance = chance + known * w**2
    precision = np.divide(w**2, chance**2, out=np.zeros_like(w), where=chance > 0)
    squared = np.minimum(residual**2, OUTLIER * chance)
    said = np.stack([precision * (squared - chance), precision * w**2], axis=1)
    kept = 0.5 ** (1 / HALF_LIFE) * wander[:, 3:] + said
    return np.concatenate([np.zeros((len(w), 3)), kept], axis=1).astype(np.float32)
