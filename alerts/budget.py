"""The promise: how many false alarms a week, and what threshold keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from alerts.types import Budget, Stream

WEEK = timedelta(days=7)


def share_out(
    alarms_per_week: float, streams: int, width: timedelta, part: float | None = None
) -> Budget:
    """Give one of K streams its part w of F false alarms a week; None: an equal part, 1/K.

    A = bins a week / (F·w): under the null an e-detector needs at least A bins on average to
    reach A (Shin, Ramdas and Rinaldo, E-detectors), so that streams whose parts sum to 1 raise
    at most F a week together, whatever the parts are and however the streams depend on one
    another. K is what is declared, never what the news happens to mention: the promise stands
    still.
    """
    if alarms_per_week <= 0 or streams < 1:
        raise ValueError("a budget needs at least one stream and more than 0 alarms a week")
    part = 1 / streams if part is None else part
    if not 0 < part <= 1:
        raise ValueError("a stream's part of the budget is above 0 and at most 1")
    bins = WEEK / width
    return Budget(
        alarms_per_week=alarms_per_week,
        streams=streams,
        threshold=max(2.0, bins / (alarms_per_week * part)),
        bins_per_week=bins,
    )


@lru_cache(maxsize=64, typed=True)
def share_among(
    alarms_per_week: float, width: timedelta, parts: tuple[float, ...]
) -> tuple[Budget, ...]:
    """The budget of each by its part. Asked of in every bin, answered once."""
    return tuple(share_out(alarms_per_week, len(parts), width, part) for part in parts)


@lru_cache(maxsize=64, typed=True)
def log_thresholds(
    alarms_per_week: float, width: timedelta, parts: tuple[float, ...]
) -> NDArray[np.float64]:
    """(K,) ln A of the same budgets; read only, since all askers get the one array."""
    found = np.log([one.threshold for one in share_among(alarms_per_week, width, parts)])
    found.setflags(write=False)
    return np.asarray(found)


def parts(streams: Sequence[Stream], weights: Mapping[Stream, float]) -> tuple[float, ...]:
    """The part of the budget of each stream, summing to 1; a stream without a weight has 1."""
    if not weights:
        return even(len(streams))
    given = weights_of(streams, weights)
    total = sum(given)
    return tuple(weight / total for weight in given)


@cache
def even(many: int) -> tuple[float, ...]:
    """Equal parts."""
    return (1 / many,) * many


def weights_of(streams: Sequence[Stream], weights: Mapping[Stream, float]) -> list[float]:
    """Of each stream, 1 where none is given."""
    if not weights:
        return [1.0] * len(streams)
    return [weights.get(stream, 1.0) for stream in streams]
