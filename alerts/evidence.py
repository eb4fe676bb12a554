"""The evidence M and its CUSUM part S, as both detectors keep them: of shares and of counts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from alerts.count_state import CountState
from alerts.state import DetectorState

State = TypeVar("State", DetectorState, CountState)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def log_mean(log_m: Floats) -> Floats:
    """ln of the mean over θ of e^{log_m}: (K, J) → (K,)."""
    return np.asarray(np.logaddexp.reduce(log_m, axis=1) - _log(log_m.shape[1]))


@cache
def _log(many: int) -> float:
    return float(np.log(many))


def largest(values: Floats) -> Floats:
    """(K, J) → (K,): by place, in less time than a maximum along so short a row takes."""
    return np.asarray(values[np.arange(len(values)), values.argmax(axis=1)])


def highest(s: Floats, onset: Ints) -> tuple[Floats, Ints, Ints]:
    """Of (K, J) S_θ the largest of each row, the bin in which it left zero, and its place: (K,)."""
    rows, best = np.arange(len(s)), s.argmax(axis=1)
    return s[rows, best], onset[rows, best], best


def forget(state: State, rows: Mask) -> State:
    """No evidence and no suspicion in the rows named."""
    where = rows[:, None]
    return replace(
        state,
        log_m=np.where(where, -np.inf, state.log_m),
        s=np.where(where, 0.0, state.s),
        onset=np.where(where, -1, state.onset),
        frozen_at=np.where(rows, -1, state.frozen_at),
    )


def reset(state: State, rows: Mask) -> State:
    """After an alert has closed: begin again, and do not learn from what it covered."""
    return replace(forget(state, rows), pool=np.where(rows[:, None], 0.0, state.pool))


def blank_since(
    ring: NDArray[np.uint16], rows: Mask, first: int, t: int, blank: int
) -> NDArray[np.uint16]:
    """The ring (K, L, …) of bins not yet learned, without bins `first` to `t` of the rows named."""
    lag = ring.shape[1]
    slots = [number % lag for number in range(max(first, t - lag + 1), t + 1)]
    ring = ring.copy()
    ring[np.ix_(np.flatnonzero(rows), slots)] = blank
    return ring
