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
    beats: list[Beat] = []
    for topic in TOPICS:
        times = sorted(_quiet_times(topic, starts_at, burst, rng))
        sentiments = _sentiments(rng)
        beats.extend(Beat(at, topic, next(sentiments)) for at in times)
    return tuple(sorted(beats, key=lambda beat: beat.at))


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


def _sentiments(rng: Random) -> Iterator[str]:
    """One negative in each four, never two in a row; the rest neutral or positive, 4 to 3."""
    offset = rng.randrange(NEGATIVE_EVERY)
    turn = rng.randrange(7)
    while True:
        negative_at = (offset + rng.randrange(2)) % NEGATIVE_EVERY if offset < 3 else offset
        for place in range(NEGATIVE_EVERY):
            if place == negative_at:
                yield "negative"
                continue
            turn += 1
            yield "neutral" if turn % 7 in (0, 2, 4, 6) else "positive"


def _whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
