"""Which rows are known from the start, which are judged one by one, and which are the test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.errors import DataError

WARM = 300
_LEAST = 20  # rows in each part: below it there is nothing to learn or to measure
_TEST = 0.25  # of the rows, if verdicts would leave less


@dataclass(frozen=True, slots=True)
class Split:
    """Indices of rows; near-duplicates are all on one side."""

    warm: NDArray[np.int64]
    stream: NDArray[np.int64]  # in the order of review
    test: NDArray[np.int64]


def sizes(rows: int, warm: int | None, verdicts: int) -> tuple[int, int]:
    """Rows of the warm start and of the stream; the rest is the test.

    By default the warm start has 300 rows, a quarter of a small file. The test keeps a quarter of
    all, or half of what the warm start leaves. Raises DataError where too little is left.
    """
    known = min(WARM, rows // 4) if warm is None else warm
    left = rows - known
    stream = min(verdicts, left - min(int(rows * _TEST), left // 2))
    if min(known, stream, left - stream) < _LEAST:
        raise DataError(
            f"{rows} labelled rows are too few for a warm start of {known}: {_LEAST} rows each must"
            " remain for verdicts and for the test; use a larger file or a smaller --warm"
        )
    return known, stream


def split(groups: NDArray[np.int64], warm: int, verdicts: int, seed: int) -> Split:
    """Whole groups (N,) in a seeded order: to the warm start while they fit, to the stream, to the
    test. Rows of each part are shuffled again, so that near-duplicates do not follow each other.
    """
    draw = np.random.default_rng([seed, 0])
    names, counts = np.unique(groups, return_counts=True)
    parts: list[list[int]] = [[], [], []]
    room = [warm, verdicts, len(groups)]
    for place in draw.permutation(len(names)):
        part = next(index for index in range(3) if counts[place] <= room[index])
        room[part] -= counts[place]
        parts[part].append(names[place])
    return Split(*(_shuffled(groups, part, draw) for part in parts))


def _shuffled(
    groups: NDArray[np.int64], chosen: Iterable[int], draw: np.random.Generator
) -> NDArray[np.int64]:
    return draw.permutation(np.flatnonzero(np.isin(groups, list(chosen)))).astype(np.int64)
