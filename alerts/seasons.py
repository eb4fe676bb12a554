"""How the negative share of a stream runs through the week: hours that are usually worse.

Cells are eight parts of the day, on weekdays and on weekends (with daily bins: the days of the
week). Each keeps what it brought, y_c, and what an even week would have brought, e_c, both
forgotten by half in four weeks. A cell's factor is 1 + B_c (y_c/e_c − 1): how far it is believed,
B_c = τ²/(τ² + v_c) with v_c the variance of chance, follows from how much all cells of the stream
differ beyond chance (τ², DerSimonian and Laird, Controlled Clinical Trials 7, 1986). So a stream
without a rhythm is not taught one by chance, and a thin one learns none.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import Floats

CELLS = 16
ENOUGH = 400.0  # stories: 20 a day for three weeks
DAY = timedelta(days=1)
LIKE_ALL = 4.0  # precision of the belief that a stream runs as all news does
_PARTS = 8  # of a day
_THURSDAY = 3
_HALF_LIFE = 4.0  # weeks

Cells = NDArray[np.float32]


def none(streams: int) -> Cells:
    """(K, 16, 2) nothing known: y_c and e_c of each stream."""
    return np.zeros((streams, CELLS, 2), np.float32)


@lru_cache(maxsize=256)
def cell(number: int, width: timedelta) -> int:
    """The cell of bin `number` after 1970-01-01, 00:00 UTC."""
    since = number * width
    return (since // DAY + _THURSDAY) % 7 if width >= DAY else _cell(since)


def _cell(since: timedelta) -> int:
    """The part of the week so long after a Thursday's midnight."""
    day, of_day = divmod(since, DAY)
    return _PARTS * ((day + _THURSDAY) % 7 >= 5) + of_day // (DAY / _PARTS)


@lru_cache(maxsize=256)
def between(number: int, width: timedelta) -> tuple[int, int, float]:
    """The two cells whose middles lie around the middle of bin `number`, and how near the second.

    Shares do not jump from one part of the day to the next.
    """
    if width >= DAY:
        at = cell(number, width)
        return at, at, 0.0
    part = DAY / _PARTS
    shifted = (number * width + width / 2 - part / 2) % (7 * DAY)  # by half a part
    first = _cell(shifted)
    return first, _cell((shifted + part) % (7 * DAY)), shifted % part / part


def factors(cells: Cells, share: Floats) -> Floats:
    """(K, 16) by what the share of each cell differs from the stream's, `share` (K,)."""
    seen, even = cells[..., 0].astype(np.float64), cells[..., 1].astype(np.float64)
    known = even.sum(axis=1) >= ENOUGH * share
    found, rows = np.zeros(even.shape), known[1:].nonzero()[0] + 1
    if not known[0] and not len(rows):
        return 1 + found
    even = np.maximum(even, 1e-9)
    precision, off = even / (1 - share)[:, None], seen / even - 1
    if known[0]:
        whole = _believed(off[:1], precision[:1])[0]
        alike = (precision * off) @ whole + LIKE_ALL
        alike = np.maximum(0.0, alike / (precision @ whole**2 + LIKE_ALL))
        found = alike[:, None] * whole
        found[0] = whole
    if len(rows):
        found[rows] += _believed(off[rows] - found[rows], precision[rows])
    return 1 + found


def _believed(off: Floats, precision: Floats) -> Floats:
    """(K, 16) differences, each as far as it is more than chance."""
    total = precision.sum(axis=1)
    excess = (precision * off**2).sum(axis=1) - (CELLS - 1)
    tau = np.maximum(0.0, excess / (total - (precision**2).sum(axis=1) / total))[:, None]
    return np.asarray(off * (tau / (tau + 1 / precision)))


def learn(
    cells: Cells, at: int, negatives: Floats, expected: Floats, where: NDArray[np.bool_],
    width: timedelta,
) -> Cells:  # fmt: skip
    """Take in one bin of cell `at` in the rows named: (K,) weighed negatives, and as expected."""
    kept = np.where(where, 0.5 ** (1 / (_HALF_LIFE * _visits(at, width))), 1.0)
    cells = cells.copy()
    cells[:, at, 0] = cells[:, at, 0] * kept + np.where(where, negatives, 0.0)
    cells[:, at, 1] = cells[:, at, 1] * kept + np.where(where, expected, 0.0)
    return cells


def _visits(at: int, width: timedelta) -> float:
    """Bins a week that fall into a cell."""
    if width >= DAY:
        return 1.0
    return (5 if at < _PARTS else 2) * (DAY / _PARTS / width)
