"""The stories of an archive in memory, told to the detector without looking ahead."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.ledger import LabelledStory
from alerts.types import Copy, Stream


@dataclass(slots=True)
class _Row:
    """One stream's stories and carriers, in order of time."""

    stories: list[LabelledStory] = field(default_factory=list)
    told: list[datetime] = field(default_factory=list)
    carried: list[datetime] = field(default_factory=list)
    carriers: list[str] = field(default_factory=list)


class MemoryLedger:
    """Answers what alerts.watch asks; stories and copies are added in order of time."""

    def __init__(self) -> None:
        self._rows: dict[Stream, _Row] = defaultdict(_Row)
        self._copies: dict[int, list[Copy]] = defaultdict(list)

    def add_copy(self, story_id: int, copy: Copy) -> None:
        """Each origin counts once a story."""
        copies = self._copies[story_id]
        if all(known.origin != copy.origin for known in copies):
            copies.append(copy)

    def add_carrier(self, stream: Stream, origin: str, at: datetime) -> None:
        row = self._rows[stream]
        row.carried.append(at)
        row.carriers.append(origin)

    def add_story(self, stream: Stream, story: LabelledStory) -> None:
        row = self._rows[stream]
        row.stories.append(story)
        row.told.append(story.first_seen_at)

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        """With the copies seen before `until`."""
        row = self._rows[stream]
        found = row.stories[bisect_left(row.told, since) : bisect_left(row.told, until)]
        return [replace(story, copies=self._seen(story.id, until)) for story in found]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> int:
        row = self._rows[stream]
        span = slice(bisect_left(row.carried, since), bisect_left(row.carried, until))
        return len(set(row.carriers[span]))

    def _seen(self, story_id: int, until: datetime) -> tuple[Copy, ...]:
        return tuple(copy for copy in self._copies[story_id] if copy.seen_at < until)

    def times(self, stream: Stream) -> Sequence[datetime]:
        """When the stream's stories were first seen."""
        return self._rows[stream].told

    def negatives(self, stream: Stream) -> Sequence[bool]:
        return [story.negative for story in self._rows[stream].stories]
