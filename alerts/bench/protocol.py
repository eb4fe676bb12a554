"""The protocol: one method in one regime, rate on quiet streams and delay on shifted ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from alerts.bench import figures, methods, regimes
from alerts.bench.alarms import Method, delays, false_alarms
from alerts.bench.figures import Delay, Rate
from alerts.bench.matched import calibrate
from alerts.bench.regimes import Regime
from alerts.bench.streams import EVERY, SHIFT, Block, Plan, Purpose, block
from alerts.bench.windows import WEEK

PROMISED = 1 / 26  # false alarms a stream-week
MOST_STREAMS = 400  # in a block, that it may fit into memory


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated, from the number of quiet stream-weeks a regime."""

    stream_weeks: int = 1000

    @property
    def weeks(self) -> int:
        """That a stream lives after its burn-in."""
        return 26 if self.stream_weeks >= 5000 else 6

    @property
    def shifts(self) -> int:
        return min(1000, max(100, self.stream_weeks // 10))

    @property
    def slow(self) -> int:
        """Stream-weeks for methods that take a stream at a time."""
        return min(1000, max(250, self.stream_weeks // 10))

    @property
    def calibration(self) -> Size:
        return Size(min(20_000, self.stream_weeks))


@dataclass(frozen=True, slots=True)
class Finding:
    """What one method did in one regime."""

    regime: str
    method: str
    promised: float  # false alarms a stream-week
    threshold: float
    calibrated: bool
    rate: Rate
    delay: Delay


def judge(
    regime_name: str, method_name: str, size: Size, seed: int = 0, promised: float = PROMISED
) -> Finding:
    """Runs one method in one regime. The same arguments give the same finding."""
    regime, method = regimes.named(regime_name), methods.named(method_name)
    if method.promise:
        threshold = method.promise(promised)
    else:
        threshold = calibrated(method_name, regime.quiet_twin(), size.calibration, seed, promised)
    return Finding(
        regime=regime_name,
        method=method_name,
        promised=promised,
        threshold=threshold,
        calibrated=method.promise is None,
        rate=measured_rate(method, threshold, quiet(regime, "measure", size, seed, method.slow)),
        delay=measured_delay(method, threshold, shifted(regime, size, seed, method.slow)),
    )


@lru_cache(maxsize=64)
def calibrated(method_name: str, twin: Regime, size: Size, seed: int, promised: float) -> float:
    """Nuisances have no part in it: a threshold must stand them."""
    method = methods.named(method_name)
    return calibrate(method, quiet(twin, "calibrate", size, seed, method.slow), promised)


def measured_rate(method: Method, threshold: float, blocks: Iterator[Block]) -> Rate:
    alarms, weeks = 0, 0.0
    for each in blocks:
        alarms += false_alarms(method.read(each)(threshold), each)
        weeks += each.stream_weeks
    return figures.rate(alarms, weeks)


def measured_delay(method: Method, threshold: float, blocks: Iterator[Block]) -> Delay:
    hours = [delays(method.read(each)(threshold), each, SHIFT) for each in blocks]
    return figures.delay(np.concatenate(hours), SHIFT)


def quiet(
    regime: Regime, purpose: Purpose, size: Size, seed: int, slow: bool = False
) -> Iterator[Block]:
    """Blocks with so many counted stream-weeks; fewer streams of the same for slow methods."""
    wanted = size.slow if slow else size.stream_weeks
    lived = size.weeks if not regime.nuisance else size.weeks * WEEK // EVERY  # counted weeks
    for number, streams in enumerate(dealt(math.ceil(size.stream_weeks / lived))):
        if wanted <= 0:
            return
        whole = block(Plan(regime, purpose, streams, size.weeks, seed, number))
        part = whole.first(math.ceil(wanted / lived))
        wanted -= part.n.shape[1] * lived
        yield part


def shifted(regime: Regime, size: Size, seed: int, slow: bool = False) -> Iterator[Block]:
    """Blocks of streams whose share shifts in the week after the burn-in."""
    wanted = size.slow // 2 if slow else size.shifts
    for number, streams in enumerate(dealt(size.shifts)):
        if wanted <= 0:
            return
        part = block(Plan(regime, "shift", streams, 1, seed, number)).first(wanted)
        wanted -= part.n.shape[1]
        yield part


def dealt(streams: int) -> list[int]:
    """Streams in as few equal blocks as fit into memory."""
    blocks = math.ceil(streams / MOST_STREAMS)
    return [streams // blocks + (i < streams % blocks) for i in range(blocks)]
