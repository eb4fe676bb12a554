"""How a method is asked for its alarms, and how alarms are counted: the same for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from alerts.bench.streams import Block
from alerts.bench.windows import DAY, Floats, Mask, rolling

Hits = Callable[[float], Mask]  # threshold → (T, K) hours in which the method says "alarm"


@dataclass(frozen=True, slots=True)
class Method:
    """A detector under test."""

    name: str
    source: str  # where it was published
    read: Callable[[Block], Hits]  # reads a block once, answers for any threshold
    ladder: Floats  # thresholds to choose from, from loose to strict
    promise: Callable[[float], float] | None = None  # false alarms a stream-week → threshold
    slow: bool = False  # a stream at a time: judged on fewer streams


def scores(values: Floats, block: Block) -> Hits:
    """Alarms wherever a score reaches the threshold."""

    def hits(threshold: float) -> Mask:
        return np.asarray((values >= threshold) & block.allowed)

    return hits


def sums(increments: Floats, block: Block) -> Hits:
    """Page's CUSUM, S ← max(0, S + increment), begun again after each alarm."""

    def hits(threshold: float) -> Mask:
        found = np.zeros(increments.shape, dtype=np.bool_)
        s = np.zeros(increments.shape[1])
        for t, gain in enumerate(increments):
            s = np.maximum(0.0, s + gain)
            found[t] = (s >= threshold) & block.allowed[t]
            s[found[t]] = 0.0
        return found

    return hits


def false_alarms(hits: Mask, block: Block) -> int:
    """Alarms in counted hours; one that follows another within a day belongs to it."""
    before = rolling(hits, DAY + 1) - hits
    return int((hits & (before < 0.5) & block.counted).sum())


def delays(hits: Mask, block: Block, shift: int) -> Floats:
    """(K,) hours from the onset to the end of the first bin that alarms; inf: none in `shift`."""
    t = np.arange(len(hits))[:, None]
    within = hits & (t >= block.onset) & (t < block.onset + shift)
    first = within.argmax(axis=0) - block.onset + 1
    return np.where(within.any(axis=0), first, np.inf)
