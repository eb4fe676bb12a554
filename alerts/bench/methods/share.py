"""Charts of the negative share: a fixed limit, z over a window, EWMA."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

from alerts.bench.alarms import Hits, Method, scores
from alerts.bench.streams import Block
from alerts.bench.windows import DAY, Floats, learned_share, rolling

MIN_STORIES = 5  # in a day, for a share to be spoken of
WEIGHT = 1 / 12  # of the newest hour: mean age of 12 hours, that of a window of 24


def fixed(block: Block) -> Hits:
    """The share of the last 24 hours, against one limit for all streams."""
    n, y = rolling(block.n, DAY), rolling(block.y, DAY)
    return scores(np.where(n >= MIN_STORIES, y / np.maximum(n, 1), -np.inf), block)


def z(hours: int) -> Callable[[Block], Hits]:
    """Normal score of a window's negatives, (y − n q0) / √(n q0 (1 − q0)), q0 learned."""

    def read(block: Block) -> Hits:
        q0 = learned_share(block.n, block.y)
        return scores(z_scores(rolling(block.n, hours), rolling(block.y, hours), q0), block)

    return read


def z_scores(n: Floats, y: Floats, q0: Floats) -> Floats:
    spread = np.sqrt(n * q0 * (1 - q0))
    return np.where(n > 0.5, (y - n * q0) / np.maximum(spread, 1e-9), -np.inf)


def ewma(block: Block) -> Hits:
    """Roberts's chart of the excess y − n q0, over its own standard deviation."""
    q0 = learned_share(block.n, block.y)
    excess = smoothed(block.y - block.n * q0, 1 - WEIGHT) * WEIGHT
    variance = smoothed(block.n * q0 * (1 - q0), (1 - WEIGHT) ** 2) * WEIGHT**2
    return scores(excess / np.sqrt(np.maximum(variance, 1e-12)), block)


def smoothed(values: Floats, kept: float) -> Floats:
    """E ← kept · E + value."""
    return np.asarray(lfilter([1.0], [1.0, -kept], values, axis=0))


_NORMAL = np.linspace(1.0, 25.0, 961)
FIXED = Method("fixed_share", "a rule of thumb", fixed, np.linspace(0.05, 1.01, 193))
Z_6H = Method("z_6h", "Shewhart (1931), chart of proportions", z(6), _NORMAL)
Z_24H = Method("z_24h", "Shewhart (1931), chart of proportions", z(DAY), _NORMAL)
EWMA = Method("ewma", "Roberts, Technometrics 1 (1959)", ewma, _NORMAL)
