"""When stories happen and which sentiment they carry, by decks instead of by chance.

A detector's quiet is only as quiet as the news it is shown: drawing each sentiment independently
would now and then deal eight negatives in a row and call it quiet. Here every topic deals one
negative in four stories, evenly spread, so that no stretch of the quiet days drifts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from policy.types import TOPICS

QUIET_DAYS = 3
DAYS = QUIET_DAYS + 1
# Stories an hour relative to each other, midnight to midnight UTC.
_INTENSITY = (3, 3, 3, 3, 3, 4, 6, 9, 11, 11, 11, 11, 10, 11, 11, 11, 10, 9, 7, 6, 5, 5, 4, 3)
_CUMULATIVE = (0, *accumulate(_INTENSITY))
_BUSY = frozenset(
    ("Company | Product News", "Earnings", "Macro", "Markets", "Energy | Oil", "Stock Movement")
)
_THIN = frozenset(
    (
        *("Treasuries | Corporate Debt", "Dividend", "Currencies", "Gold | Metals | Materials"),
        *("IPO", "Personnel Change"),
    )
)
BURST_TOPICS = tuple(sorted(_BUSY))
BURST_FACTOR = 4
NEGATIVE_EVERY = 4  # stories of a topic


@dataclass(frozen=True, slots=True)
class Burst:
    """A trap: several times the usual volume in one topic, with its usual negative share."""

    topic: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """A quiet story that is due, not yet written."""

    at: datetime
    topic: str
    sentiment: str


def stories_a_day(topic: str) -> int:
    """How many quiet stories a topic has each day."""
    if topic in _BUSY:
        return 11
    return 7 if topic in _THIN else 9


def quiet_beats(starts_at: datetime, burst: Burst, rng: Random) -> tuple[Beat, ...]:
    """Every quiet story of all days, in order of time."""
    due = sorted((at, t) for t in TOPICS for at in _quiet_times(t, starts_at, burst, rng))
    decks = {topic: _Deck(rng) for topic in TOPICS}
    beats: list[Beat] = []
    negatives = 0
    for told, (at, topic) in enumerate(due):
        owed = told / NEGATIVE_EVERY - negatives
        sentiment = decks[topic].deal(wanted=owed > rng.random())
        negatives += sentiment == "negative"
        beats.append(Beat(at, topic, sentiment))
    return tuple(beats)


def spread(starts_at: datetime, ends_at: datetime, count: int, rng: Random) -> list[datetime]:
    """Count times in order, one at a random place in each of count equal stretches."""
    step = (ends_at - starts_at) / count
    return [_whole_second(starts_at + step * (i + rng.random())) for i in range(count)]


def _quiet_times(topic: str, starts_at: datetime, burst: Burst, rng: Random) -> Iterator[datetime]:
    count = stories_a_day(topic)
    for day in range(DAYS):
        midnight = starts_at + timedelta(days=day)
        for i in range(count):
            yield midnight + _time_of_day((i + rng.random()) / count)
    if topic == burst.topic:
        hours = range(burst.starts_at.hour, burst.ends_at.hour)
        usual = count * sum(_INTENSITY[hour] for hour in hours) / _CUMULATIVE[-1]
        extra = round((BURST_FACTOR - 1) * usual)
        yield from spread(burst.starts_at, burst.ends_at, extra, rng)


def _time_of_day(quantile: float) -> timedelta:
    position = quantile * _CUMULATIVE[-1]
    hour = bisect_right(_CUMULATIVE, position) - 1
    part = (position - _CUMULATIVE[hour]) / _INTENSITY[hour]
    return timedelta(seconds=int(3600 * (hour + part)))


class _Deck:
    """A topic's sentiments: one negative in each four, never two in a row.

    Within its four a negative comes when all news together is short of one, else last, so that
    the share over all topics keeps level as well. The rest is neutral or positive, 4 to 3.
    """

    def __init__(self, rng: Random) -> None:
        self._place = rng.randrange(NEGATIVE_EVERY)
        self._dealt = rng.random() < self._place / NEGATIVE_EVERY
        self._since = rng.randrange(NEGATIVE_EVERY)  # stories since the last negative
        self._turn = rng.randrange(7)

    def deal(self, wanted: bool) -> str:
        last = self._place == NEGATIVE_EVERY - 1
        negative = not self._dealt and self._since >= 2 and (wanted or last)
        self._dealt, self._place = self._dealt or negative, self._place + 1
        if last:
            self._dealt, self._place = False, 0
        self._since = 0 if negative else self._since + 1
        if negative:
            return "negative"
        self._turn += 1
        return "neutral" if self._turn % 7 in (0, 2, 4, 6) else "positive"


def _whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
