"""Shares corrected for the errors of the labels they are made of.

A checkpoint that finds `sensitivity` s of the negative stories and calls a part f of the others
negative shows q = p s + (1 − p) f where p of all stories are. Adjusted classify-and-count
(Forman, Data Mining and Knowledge Discovery 17, 2008) turns that round, p = (q − f)/(s − f).
What s and f are is known from as many stories as the confusion matrix holds, so p has a posterior:

    s ~ Beta(hits + ½, misses + ½),  f ~ Beta(wrong + ½, right + ½),  p ~ Beta(½, ½)
    y of n stories labelled negative ~ Binomial(n, p s + (1 − p) f)

It needs no clipping where q lies outside [f, s]. The corrected share is for showing: the detector
compares a share with its own past, in which the same errors are made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, xlog1py, xlogy

COVERAGE = 0.9
_LEVELS = (np.arange(16) + 0.5) / 16  # of s and of f: quantiles that stand for their posteriors
_EDGES = np.linspace(0.0, 1.0, 501)
_SHARES = (_EDGES[1:] + _EDGES[:-1]) / 2
_PRIOR = np.diff(betainc(0.5, 0.5, _EDGES))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Corrected:
    """The share of stories that truly are negative: the median of what is believed, and between
    what bounds it lies with 90 % probability."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """What a checkpoint said of stories of known truth."""

    counts: tuple[tuple[float, ...], ...]  # row the truth, column what was said, in one order
    label: int = 0  # row and column of the label whose share is looked at: negative

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """Sensitivity and false-positive rate of the label, and their variances (Jeffreys)."""
        hits, size, wrong, rest = self.found
        s, f = (hits + 0.5) / (size + 1), (wrong + 0.5) / (rest + 1)
        return s, f, s * (1 - s) / (size + 2), f * (1 - f) / (rest + 2)

    @property
    def found(self) -> tuple[float, float, float, float]:
        """Of stories of the label those said to be, and all; of the others the same."""
        rows = [(row[self.label], sum(row)) for row in self.counts]
        others = [pair for i, pair in enumerate(rows) if i != self.label]
        return *rows[self.label], sum(said for said, _ in others), sum(size for _, size in others)


def corrected(said: int, stories: int, confusion: Confusion) -> Corrected:
    """Of `stories`, `said` were labelled negative: how many of them truly are, 0–1.

    The others are taken to be mixed of neutral and positive as those of the confusion matrix are.
    """
    hits, size, wrong, rest = confusion.found
    s = betaincinv(hits + 0.5, size - hits + 0.5, _LEVELS)[:, None, None]
    f = betaincinv(wrong + 0.5, rest - wrong + 0.5, _LEVELS)[None, :, None]
    q = _SHARES * s + (1 - _SHARES) * f
    likelihood = xlogy(said, q) + xlog1py(stories - said, -q)
    believed = np.exp(likelihood - likelihood.max()).mean(axis=(0, 1)) * _PRIOR
    low, share, high = _quantiles(believed, ((1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2))
    return Corrected(share, low, high)


def _quantiles(believed: Floats, levels: tuple[float, ...]) -> list[float]:
    below = np.append(0.0, np.cumsum(believed) / believed.sum())
    return [float(value) for value in np.interp(levels, below, _EDGES)]
