"""What the detector asks of whoever keeps the stories: the store, or replay's memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from alerts.types import Copy, Stream


@dataclass(frozen=True, slots=True)
class LabelledStory:
    """A story with the label of its first copy, as one stream sees it."""

    id: int
    topic: str
    target: str
    title: str
    first_seen_at: datetime
    negative: bool
    probability_negative: float
    copies: tuple[Copy, ...]  # all outlets so far, first copy first
    fallback: bool = False  # labelled by the fallback policy, not by a checkpoint's network


class Ledger(Protocol):
    """Stories by stream and by time of their first copy, since ≤ first seen < until."""

    def stories(
        self, stream: Stream, since: datetime, until: datetime
    ) -> Sequence[LabelledStory]: ...

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many stories of the stream each origin carried."""
        ...


def _none(feed: str, since: datetime, until: datetime) -> int:
    return 0


def _nothing(since: datetime, until: datetime) -> Mapping[Stream, Mapping[str, int]]:
    return {}


@dataclass(frozen=True, slots=True)
class Listening:
    """How well the world was listened to in one bin, and through which feeds.

    The default is an archive's: everything was heard, through nobody in particular.
    """

    heard: bool = True  # a feed answered, in this bin and shortly before it
    counted: bool = True  # stories too came in as they were told: no backlog, no new feed
    articles: Mapping[str, int] = field(default_factory=dict)  # new ones, by feed
    first_read: frozenset[str] = frozenset()  # feeds whose whole past came at once
    # Articles that a feed brought, over a span.
    articles_of: Callable[[str, datetime, datetime], int] = _none
    # Stories of each stream by the feed that brought them first, over a span.
    carried: Callable[[datetime, datetime], Mapping[Stream, Mapping[str, int]]] = _nothing
    # The same bin with positive stories in the place of negative ones, where they are watched.
    positives: Mapping[Stream, tuple[int, int]] = field(default_factory=dict)
    positive_ledger: Ledger | None = None
