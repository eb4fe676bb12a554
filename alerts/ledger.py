"""What the detector asks of whoever keeps the stories: the store, or replay's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    def origins(self, stream: Stream, since: datetime, until: datetime) -> int:
        """Distinct origins that carried a story of the stream."""
        ...
