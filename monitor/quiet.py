"""Feeds that answer and publish nothing any more: pure decisions.

An address may answer 200 for years after its newsroom has moved. A coverage hole cannot tell: feeds
of fewer than some seven stories a day are too thin for it, and every regulator's is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

LEAST = timedelta(days=14)  # holidays are no silence
TIMES = 10  # its usual gaps
UNUSED = timedelta(days=90)  # where nobody knows what is usual
FEW = 6  # moments of publication tell nothing about gaps below this many
NEWEST = 50  # articles by which a feed's gaps are judged
_TAIL = 0.1  # of the gaps, the longest: an outage of the past is not what is usual


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when a feed has published nothing, and how far apart its stories usually are."""

    since: datetime
    usual_gap: timedelta | None  # None: too few to tell

    def sentence(self, now: datetime) -> str:
        """quiet for 9 months, usually a story every 2 days"""
        said = f"quiet for {_length(now - self.since)}"
        if self.usual_gap is None:
            return said
        return f"{said}, usually a story every {_length(self.usual_gap).removeprefix('1 ')}"


def is_quiet(lasts: timedelta, usual_gap: timedelta | None) -> bool:
    """Whether a silence is long for anybody and long for this feed."""
    if usual_gap is None:
        return lasts >= UNUSED
    return lasts >= LEAST and lasts >= TIMES * usual_gap


def usual_gap(moments: Sequence[datetime]) -> timedelta | None:
    """The mean of the gaps between moments of publication, without the longest tenth.

    The mean and not the median: who publishes three stories in a row and then none for a month
    has a median of hours. What came at the same moment counts once.
    """
    ordered = sorted(set(moments))
    if len(ordered) < FEW:
        return None
    gaps = sorted(later - sooner for sooner, later in pairwise(ordered))
    kept = gaps[: len(gaps) - math.ceil(_TAIL * len(gaps))]
    return sum(kept, timedelta()) / len(kept)


def _length(span: timedelta) -> str:
    """In the largest unit of which there are two, or days, or less."""
    seconds = span.total_seconds()
    for name, unit in _UNITS:
        many = round(seconds / unit)
        if many >= (2 if unit > _DAY_S else 1):
            return f"{many} {name}" + ("s" if many > 1 else "")
    return "minute"


_DAY_S = 86_400
_UNITS = (
    ("year", 365.25 * _DAY_S),
    ("month", 365.25 / 12 * _DAY_S),
    ("day", _DAY_S),
    ("hour", 3600),
    ("minute", 60),
)
