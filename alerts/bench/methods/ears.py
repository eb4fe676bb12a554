"""EARS C2, C3 and W2 on counts of negatives.

Hutwagner and others, "The bioterrorism preparedness and response Early Aberration Reporting
System", J Urban Health 80 (2003); W2: Tokars and others, MMWR-style weekday split, Public Health
Reports 124 (2009). The unit is the day: here the last 24 hours, looked at every hour, against
the same 24 hours of earlier days, which spares the methods the wait for midnight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alerts.bench.alarms import Hits, Method, scores
from alerts.bench.streams import Block
from alerts.bench.windows import DAY, Floats, ago, rolling

BASELINE = 7  # days
GUARD = 2  # days between the baseline and today
MIN_SIGMA = 0.5  # Burkom's advice for sparse series, as R's surveillance has it


def c2_scores(daily: Floats) -> Floats:
    """(today − mean) / sd of days t−9 … t−3; `daily` (T, K) are sums of 24 hours at each hour."""
    return deviation(daily, [ago(daily, DAY * j) for j in range(GUARD + 1, GUARD + 1 + BASELINE)])


def deviation(daily: Floats, days: Sequence[Floats]) -> Floats:
    baseline = np.stack(days)
    sigma = np.maximum(baseline.std(axis=0, ddof=1), MIN_SIGMA)
    return np.asarray((daily - baseline.mean(axis=0)) / sigma)


def c3_scores(daily: Floats) -> Floats:
    """Sum over today and the two days before of max(0, C2 − 1)."""
    above = np.maximum(0.0, c2_scores(daily) - 1)
    return above + ago(above, DAY) + ago(above, 2 * DAY)


def w2_scores(daily: Floats) -> Floats:
    """C2 whose seven baseline days are of today's kind: working days or weekend."""
    found = np.zeros_like(daily)
    today = (np.arange(len(daily)) // DAY) % 7  # a Monday is 0
    for weekday in range(7):
        days = [ago(daily, DAY * j) for j in same_kind(weekday)]
        rows = today == weekday
        found[rows] = deviation(daily[rows], [day[rows] for day in days])
    return found


def same_kind(weekday: int) -> list[int]:
    """How many days ago the last seven days of this kind were, the guard left out."""
    weekend = weekday >= 5
    candidates = range(GUARD + 1, GUARD + 1 + 28)
    return [j for j in candidates if ((weekday - j) % 7 >= 5) == weekend][:BASELINE]


def c2(block: Block) -> Hits:
    return scores(c2_scores(rolling(block.y, DAY)), block)


def c3(block: Block) -> Hits:
    return scores(c3_scores(rolling(block.y, DAY)), block)


def w2(block: Block) -> Hits:
    return scores(w2_scores(rolling(block.y, DAY)), block)


_SOURCE = "Hutwagner et al., J Urban Health 80 (2003)"
_LADDER = np.geomspace(1.0, 400.0, 800)
C2 = Method("ears_c2", _SOURCE, c2, _LADDER)
C3 = Method("ears_c3", _SOURCE, c3, _LADDER)
W2 = Method("ears_w2", "Tokars et al., Public Health Reports 124 (2009)", w2, _LADDER)
