"""What a detector of counts is told, what it remembers, and how that goes into the store."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from alerts import rates as base
from alerts.rates import CELLS, Floats, RatePrior, Rates
from alerts.state import DetectorConfig

PACKED_VERSION = 1
UNKNOWN = 65535  # in the ring: a bin that may not be learned

# Busy days and slow ones differ by more than their hours foretell. The mildest ratio leaves them
# room: below (θ − 1)/ln θ, a volume of ×1.6 up or ×0.6 down, it gathers no evidence at all.
SURGE = (2.5, 4.0, 8.0)
SILENCE = (0.3, 0.1, 0.02)


@dataclass(frozen=True, slots=True)
class CountConfig:
    """What the operator promises (budget) and what the mathematics leaves open."""

    ratios: tuple[float, ...]  # all above 1: a surge; all below: a silence
    alarms_per_week: float  # over all rows; 0: off
    bin: timedelta = timedelta(hours=1)
    half_life: timedelta = timedelta(days=14)
    lag: timedelta = timedelta(hours=24)
    freeze_limit: timedelta = timedelta(days=7)
    told_within: timedelta = timedelta(days=2)  # a silence that would take longer is not judged
    prior: RatePrior = field(default_factory=RatePrior)

    @classmethod
    def beside(
        cls, share: DetectorConfig, ratios: tuple[float, ...], alarms_per_week: float
    ) -> CountConfig:
        """With the bins and the memory of the detector of shares that it stands beside."""
        clock = (share.bin, share.half_life, share.lag, share.freeze_limit)
        return cls(ratios, alarms_per_week, *clock)

    @property
    def surge(self) -> bool:
        return self.ratios[0] > 1

    @property
    def lag_bins(self) -> int:
        return max(1, round(self.lag / self.bin))


@dataclass(frozen=True, slots=True)
class CountState:
    """Everything the detector remembers of K rows with J rate ratios."""

    log_m: Floats  # (K, J) ln M_θ
    s: Floats  # (K, J) S_θ
    onset: NDArray[np.int64]  # (K, J) bin in which S_θ left zero
    rates: Rates
    ring: NDArray[np.uint16]  # (K, L) counts of the bins not yet learned, or UNKNOWN
    pool: Floats  # (K, 2) weighed counts and exposure of the bins held back by the freeze
    frozen_at: NDArray[np.int64]  # (K,) bin in which learning stopped, −1 while it goes on

    @property
    def rows(self) -> int:
        return int(self.log_m.shape[0])


def start(rows: int, config: CountConfig) -> CountState:
    """Rows of which nothing is known yet."""
    shape = (rows, len(config.ratios))
    return CountState(
        log_m=np.full(shape, -np.inf),
        s=np.zeros(shape),
        onset=np.full(shape, -1, dtype=np.int64),
        rates=base.empty(rows),
        ring=np.full((rows, config.lag_bins), UNKNOWN, dtype=np.uint16),
        pool=np.zeros((rows, 2)),
        frozen_at=np.full(rows, -1, dtype=np.int64),
    )


def pack(state: CountState, k: int) -> bytes:
    """One row as bytes for the store; hours of its own only where it has learned any."""
    known, cells = state.rates, state.rates.cells[k]
    has_cells = bool(cells.any())
    sizes = (PACKED_VERSION, state.log_m.shape[1], state.ring.shape[1], has_cells)
    scalars = [known.seen[k], known.exposure[k], known.excess[k], known.pairs[k], *state.pool[k]]
    parts = (
        state.log_m[k].astype("<f8"),
        state.s[k].astype("<f8"),
        np.array(scalars, dtype="<f8"),
        np.array([*state.onset[k], state.frozen_at[k], known.bins[k]]).astype("<i4"),
        state.ring[k].astype("<u2"),
        cells.astype("<f4") if has_cells else cells[:0],
    )
    return struct.pack("<BBHB", *sizes) + b"".join(part.tobytes() for part in parts)


def unpack(packed: Sequence[bytes | None], config: CountConfig) -> CountState:
    """K rows from their bytes; None, another version or other sizes: a row not yet known."""
    state = start(len(packed), config)
    for k, data in enumerate(packed):
        if data is not None and _fits(data, state):
            _unpack_row(state, k, data)
    return state


def _fits(data: bytes, state: CountState) -> bool:
    j, lag = state.log_m.shape[1], state.ring.shape[1]
    if len(data) < 5:
        return False
    version, ratios, bins, has_cells = struct.unpack_from("<BBHB", data)
    size = 5 + 8 * 2 * j + 8 * 6 + 4 * (j + 2) + 2 * lag + 8 * CELLS * has_cells
    return (version, ratios, bins) == (PACKED_VERSION, j, lag) and len(data) == size


def _unpack_row(state: CountState, k: int, data: bytes) -> None:
    j, lag, known, at = state.log_m.shape[1], state.ring.shape[1], state.rates, 5

    def take(kind: str, count: int) -> NDArray[np.generic]:
        nonlocal at
        found = np.frombuffer(data, kind, count, at)
        at += found.nbytes
        return found

    state.log_m[k], state.s[k] = take("<f8", j), take("<f8", j)
    columns = (known.seen, known.exposure, known.excess, known.pairs)
    for column, value in zip(columns, take("<f8", 4), strict=True):
        column[k] = value
    state.pool[k] = take("<f8", 2)
    state.onset[k], state.frozen_at[k] = take("<i4", j), take("<i4", 1)[0]
    known.bins[k], state.ring[k] = take("<i4", 1)[0], take("<u2", lag)
    if at < len(data):
        known.cells[k] = take("<f4", 2 * CELLS).reshape(CELLS, 2)
