"""What the detector is told, what it remembers, and how that goes into the store and back."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from alerts import baseline as base
from alerts import seasons, wander
from alerts.baseline import Baseline, Floats, Prior
from alerts.budget import log_thresholds, parts, share_among, share_out
from alerts.owners import Owners
from alerts.seasons import Cells
from alerts.types import Bars, Budget, Stream
from alerts.wander import Wander

PACKED_VERSION = 3  # 1: without cells and what wanders, 2: without what wanders


BY_HOUR = Prior()
# A few weeks of days tell little, and an error weighs more where a bin has many stories.
BY_DAY = Prior(dispersion_caution=1.0, caution=0.55, caution_cold=1.0)


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """What the operator promises (budget) and what the mathematics leaves open."""

    bin: timedelta = timedelta(hours=1)
    alarms_per_week: float = 1.0  # over all watched streams
    half_life: timedelta = timedelta(days=14)
    lag: timedelta = timedelta(hours=24)
    freeze_limit: timedelta = timedelta(days=7)
    odds: tuple[float, ...] = (1.5, 2.0, 3.0, 5.0)
    min_stories: int = 3  # distinct negative stories within a day, or within three bins of a day
    min_origins: int = 2
    overlap: float = 0.7  # of the smaller set of stories, to be one crisis
    weights: Mapping[Stream, float] = field(default_factory=dict)  # of each budget; default 1
    # Budgets of the companions' own, over all that they watch; 0: off.
    volume_alarms_per_week: float = 0.25
    coverage_alarms_per_week: float = 0.1
    positive_alarms_per_week: float = 0.0
    bars: Bars = field(default_factory=Bars)  # from verdicts on earlier alerts
    owners: Owners = field(default_factory=Owners)  # by whom origins are counted

    @property
    def prior(self) -> Prior:
        """What is believed, and how cautiously, with bins of this width."""
        return BY_DAY if self.bin >= seasons.DAY else BY_HOUR

    @property
    def lag_bins(self) -> int:
        return max(1, round(self.lag / self.bin))

    @property
    def span_bins(self) -> int:
        """Over which it is measured how far shares wander: a day of hours, a week of days."""
        return self.lag_bins if self.lag_bins > 1 else 7

    def forgetting(self) -> tuple[float, float]:
        """What a bin leaves of the share and of ρ, which takes 56 bins at least to be known."""
        rho = max(self.half_life, 56 * self.bin)
        return 0.5 ** (self.bin / self.half_life), 0.5 ** (self.bin / rho)

    def log_threshold(self, streams: int) -> float:
        """ln A where all streams have equal parts of the budget."""
        return float(np.log(share_out(self.alarms_per_week, streams, self.bin).threshold))

    def budgets(self, streams: Sequence[Stream]) -> tuple[Budget, ...]:
        """What is promised of each of all the streams watched."""
        return share_among(self.alarms_per_week, self.bin, parts(streams, self.weights))

    def log_thresholds(self, streams: Sequence[Stream]) -> Floats:
        """(K,) ln A of each of all the streams watched."""
        return log_thresholds(self.alarms_per_week, self.bin, parts(streams, self.weights))


@dataclass(frozen=True, slots=True)
class DetectorState:
    """Everything the detector remembers of K streams with J odds ratios."""

    log_m: Floats  # (K, J) ln M_θ
    s: Floats  # (K, J) S_θ
    onset: NDArray[np.int64]  # (K, J) bin in which S_θ left zero
    baseline: Baseline
    ring: NDArray[np.uint16]  # (K, L, 2) n and y of the bins not yet learned
    pool: Floats  # (K, 2) weighed counts of the bins held back by the freeze
    frozen_at: NDArray[np.int64]  # (K,) bin in which learning stopped, −1 while it goes on
    seen_at: NDArray[np.int64]  # (K,) last bin with stories, −1 before the first
    cells: Cells  # (K, 16, 2) how the share runs through the week
    wander: Wander  # (K, 5) how far the share strays from what is expected

    @property
    def streams(self) -> int:
        return int(self.log_m.shape[0])


def start(streams: int, config: DetectorConfig) -> DetectorState:
    """Streams of which nothing is known yet."""
    shape = (streams, len(config.odds))
    return DetectorState(
        log_m=np.full(shape, -np.inf),
        s=np.zeros(shape),
        onset=np.full(shape, -1, dtype=np.int64),
        baseline=base.empty(streams),
        ring=np.zeros((streams, config.lag_bins, 2), dtype=np.uint16),
        pool=np.zeros((streams, 2)),
        frozen_at=np.full(streams, -1, dtype=np.int64),
        seen_at=np.full(streams, -1, dtype=np.int64),
        cells=seasons.none(streams),
        wander=wander.none(streams),
    )


def pack(state: DetectorState, k: int) -> bytes:
    """One stream as bytes for the store: a version, the sizes, then the numbers as they are."""
    known = state.baseline
    head = struct.pack("<BBH", PACKED_VERSION, state.log_m.shape[1], state.ring.shape[1])
    scalars = np.array(
        [known.negatives[k], known.others[k], known.excess[k], known.pairs[k], *state.pool[k]],
        dtype="<f8",
    )
    parts = (
        state.log_m[k].astype("<f8"),
        state.s[k].astype("<f8"),
        scalars,
        np.array([*state.onset[k], state.frozen_at[k], state.seen_at[k]]).astype("<i4"),
        state.ring[k].astype("<u2"),
        state.cells[k].astype("<f4"),
        state.wander[k].astype("<f4"),
    )
    return head + b"".join(part.tobytes() for part in parts)


def unpack(packed: Sequence[bytes | None], config: DetectorConfig) -> DetectorState:
    """K streams from their bytes; None, another version or other sizes: a stream not yet known."""
    state = start(len(packed), config)
    for k, data in enumerate(packed):
        if data is not None:
            _unpack_row(state, k, data)
    return state


def _unpack_row(state: DetectorState, k: int, data: bytes) -> None:
    j, lag = state.log_m.shape[1], state.ring.shape[1]
    sizes = (8 * j, 8 * j, 8 * 6, 4 * (j + 2), 2 * 2 * lag, 4 * 2 * seasons.CELLS, 4 * 5)
    known = [(version, 4 + sum(sizes[: 4 + version])) for version in range(1, 1 + PACKED_VERSION)]
    fits = (data[0] if data else 0, len(data)) in known
    if not fits or struct.unpack_from("<BH", data, 1) != (j, lag):
        return
    ends = np.cumsum((4, *sizes))
    parts = [data[a:b] for a, b in itertools.pairwise(ends)]
    share = state.baseline
    scalars = np.frombuffer(parts[2], "<f8")
    columns = (share.negatives, share.others, share.excess, share.pairs)
    for column, value in zip(columns, scalars[:4], strict=True):
        column[k] = value
    ints = np.frombuffer(parts[3], "<i4")
    state.log_m[k] = np.frombuffer(parts[0], "<f8")
    state.s[k] = np.frombuffer(parts[1], "<f8")
    state.pool[k] = scalars[4:]
    state.onset[k], state.frozen_at[k], state.seen_at[k] = ints[:j], ints[j], ints[j + 1]
    state.ring[k] = np.frombuffer(parts[4], "<u2").reshape(lag, 2)
    if parts[5]:
        state.cells[k] = np.frombuffer(parts[5], "<f4").reshape(seasons.CELLS, 2)
    if parts[6]:
        state.wander[k] = np.frombuffer(parts[6], "<f4")
