"""The stories of an archive or a store in memory, told to the detector without looking ahead."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from alerts.ledger import LabelledStory
from alerts.outcome import EPOCH
from alerts.types import Copy, Stream
from alerts.watch import counted_in

Counts = dict[int, dict[Stream, tuple[int, int]]]  # by number of bin: stories and negatives


@dataclass(slots=True)
class _Row:
    """One stream's stories and carriers, in order of time."""

    stories: list[LabelledStory] = field(default_factory=list)
    told: list[datetime] = field(default_factory=list)
    carried: list[datetime] = field(default_factory=list)
    carriers: list[str] = field(default_factory=list)


class MemoryLedger:
    """Answers what alerts.watch asks; stories, copies and carriers are added in order of time."""

    def __init__(self) -> None:
        self._rows: dict[Stream, _Row] = {}
        self._counting: dict[tuple[str, str], tuple[_Row, ...]] = {}
        self._copies: dict[int, dict[str, Copy]] = defaultdict(dict)

    def add_copy(self, story_id: int, origin: str, url: str, at: datetime) -> None:
        """Each origin counts once a story."""
        copies = self._copies[story_id]
        if origin not in copies:
            copies[origin] = Copy(origin, url, at)

    def add_carrier(self, topic: str, target: str, origin: str, at: datetime) -> None:
        """`origin` told something with this label."""
        for row in self._rows_of(topic, target):
            row.carried.append(at)
            row.carriers.append(origin)

    def add_story(self, story: LabelledStory) -> None:
        """To be counted in every stream that its label belongs to."""
        for row in self._rows_of(story.topic, story.target):
            row.stories.append(story)
            row.told.append(story.first_seen_at)

    def _rows_of(self, topic: str, target: str) -> tuple[_Row, ...]:
        rows = self._counting.get((topic, target))
        if rows is None:
            streams = counted_in(topic, target)
            rows = tuple(self._rows.setdefault(stream, _Row()) for stream in streams)
            self._counting[topic, target] = rows
        return rows

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        """With the copies seen before `until`."""
        row = self._rows.get(stream, _NOTHING)
        found = row.stories[bisect_left(row.told, since) : bisect_left(row.told, until)]
        return [replace(story, copies=self._seen(story.id, until)) for story in found]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        row = self._rows.get(stream, _NOTHING)
        span = slice(bisect_left(row.carried, since), bisect_left(row.carried, until))
        return Counter(row.carriers[span])

    def _seen(self, story_id: int, until: datetime) -> tuple[Copy, ...]:
        copies = self._copies.get(story_id, {}).values()
        return tuple(copy for copy in copies if copy.seen_at < until)

    def times(self, stream: Stream) -> Sequence[datetime]:
        """When the stream's stories were first seen."""
        return self._rows.get(stream, _NOTHING).told

    def counts(self, streams: Iterable[Stream], width: timedelta) -> Counts:
        """Stories and negatives of these streams in every bin that has any."""
        found: Counts = defaultdict(dict)
        for stream in streams:
            row = self._rows.get(stream, _NOTHING)
            for number, counted in _by_bin(row, width).items():
                found[number][stream] = counted
        return found


_NOTHING = _Row()


def number_of(at: datetime, width: timedelta) -> int:
    """The bin that holds `at`; bins are counted from 1970."""
    return (at - EPOCH) // width


def _by_bin(row: _Row, width: timedelta) -> Mapping[int, tuple[int, int]]:
    if not row.told:
        return {}
    seconds = np.array([at.timestamp() for at in row.told])
    negative = np.array([story.negative for story in row.stories])
    bins, places, n = np.unique(
        seconds // width.total_seconds(), return_inverse=True, return_counts=True
    )
    y = np.bincount(places, weights=negative)
    pairs = zip(n.tolist(), y.astype(int).tolist(), strict=True)
    return dict(zip(bins.astype(int).tolist(), pairs, strict=True))
