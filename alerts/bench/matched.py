"""Thresholds at which every method raises the same rate of false alarms, found by simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from alerts.bench.alarms import Method, false_alarms
from alerts.bench.streams import Block
from alerts.bench.windows import Floats


def calibrate(method: Method, blocks: Iterable[Block], promised: float) -> float:
    """The loosest threshold of the method's ladder that raises at most `promised` a stream-week."""
    read = [(method.read(block), block) for block in blocks]
    weeks = sum(block.stream_weeks for _, block in read)

    def holds(threshold: float) -> bool:
        alarms = sum(false_alarms(hits(threshold), block) for hits, block in read)
        return alarms <= promised * weeks

    return loosest(method.ladder, holds)


def loosest(ladder: Floats, holds: Callable[[float], bool]) -> float:
    """The first rung that holds, by bisection; the last one if none before it does.

    Very loose rungs can seem to hold, since one alarm without end is one alarm: the search
    comes from the strict end and stops at the first rung that does not hold.
    """
    fails, holding = -1, len(ladder) - 1
    while holding - fails > 1:
        middle = (fails + holding + 1) // 2
        if holds(float(ladder[middle])):
            holding = middle
        else:
            fails = middle
    return float(ladder[holding])
