"""What the room of alerts speaks of. Frozen values; all times are UTC-aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["negative_share", "positive_share", "negative_volume", "coverage_hole"]
Status = Literal["firing", "acknowledged", "resolved"]
Severity = Literal["warning", "critical"]
DeliveryState = Literal["pending", "sent", "dead", "dropped"]
Announcement = Literal["firing", "spread", "grown", "resolved"]


@dataclass(frozen=True, slots=True, order=True)
class Stream:
    """What a detector watches. Both empty: the whole; one empty: a topic or a target."""

    topic: str = ""
    target: str = ""

    def __str__(self) -> str:
        return " × ".join(part for part in (self.topic, self.target) if part) or "all news"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One bin of one stream, as the detector judged it."""

    stream: Stream
    start: datetime
    width: timedelta
    stories: int  # distinct stories whose first copy fell into the bin
    negatives: int  # of them, labelled negative
    baseline: float  # share of negatives expected, the q0 that was tested against
    log_evidence: float  # ln M after this bin
    gain: float  # max over odds ratios of this bin's log likelihood ratio
    expected: float | None = None  # of the kinds that count: what the bin was tested against


@dataclass(frozen=True, slots=True)
class Copy:
    """One outlet's copy of a story."""

    origin: str
    url: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """A distinct story behind an alert, with every outlet that carried it."""

    id: int
    title: str
    first_seen_at: datetime
    negative: bool
    probability_negative: float
    weight: float  # nats of log-evidence lost were the story left out
    copies: tuple[Copy, ...]

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(copy.origin for copy in self.copies))


@dataclass(frozen=True, slots=True)
class Budget:
    """What was promised: `alarms_per_week` over `streams` watched streams."""

    alarms_per_week: float
    streams: int
    threshold: float  # A: expected bins to a false alarm in this stream
    bins_per_week: float

    @property
    def stream_alarms_per_week(self) -> float:
        return self.bins_per_week / self.threshold

    @property
    def part(self) -> float:
        """Of the whole budget, 0–1: what this stream may spend."""
        return min(1.0, self.stream_alarms_per_week / self.alarms_per_week)


@dataclass(frozen=True, slots=True)
class Bars:
    """What analysts' verdicts ask of an alarm beyond the promise: it comes later or not at all."""

    raises: Mapping[tuple[Kind, Stream], float] = field(default_factory=dict)  # δ ≥ 0, nats
    known: frozenset[int] = frozenset()  # stories of events that the desk knew already


@dataclass(frozen=True, slots=True)
class Alert:
    """Something unusual in a stream and everything needed to ask "why?".

    Of a positive_share, "negatives" and `baseline` are those of positive stories.
    """

    id: str
    stream: Stream
    kind: Kind
    severity: Severity
    status: Status
    onset: datetime  # start of the first bin of the rise
    raised_at: datetime
    evidence: Evidence  # the bin that raised it
    stories_since_onset: int
    negatives_since_onset: int
    baseline: float
    stories: tuple[Story, ...]  # those that contributed most, first the heaviest
    checkpoint: str
    budget: Budget
    parent: str | None = None
    resolved_at: datetime | None = None
    fallback_stories: int = 0  # of those since onset, labelled by the fallback policy
    expected: float | None = None  # since onset: negatives of a surge, stories of a hole
    feeds: tuple[str, ...] = ()  # of a coverage_hole: those that have fallen silent
    bar: float = 0.0  # nats above the threshold that verdicts on the stream made it pass

    @property
    def share(self) -> float:
        """Negative share since onset, 0–1."""
        return self.negatives_since_onset / max(1, self.stories_since_onset)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One announcement of one alert to one receiver: a row of the outbox."""

    id: str  # stays the same over all attempts; receivers drop repeats by it
    alert_id: str
    receiver: str
    announcement: Announcement
    state: DeliveryState
    attempts: int
    due_at: datetime
    created_at: datetime
    last_error: str = ""
