"""Streams as the page shows them: today's share, how far the evidence has come, and the past."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.budget import share_out
from alerts.types import Alert, Budget, Evidence, Severity, Stream
from alerts.wording import counted
from monitor.config import Settings
from monitor.watching import config_of, streams_of

DAY = timedelta(days=1)
TRAIL = timedelta(days=3)  # how far a sparkline looks back
_WINDOWS = tuple(timedelta(hours=hours) for hours in (3, 6, 12, 24))
_LEGIBLE = 12  # stories in a window below which a share jumps about too much to be read


@dataclass(frozen=True, slots=True)
class TrailPoint:
    """The share of the 24 h up to the end of a bin."""

    at: datetime
    share: float | None  # 0–1; None without stories


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One line of the table of streams. Counts are of the last 24 h."""

    topic: str
    target: str
    name: str
    stories: int
    negatives: int
    share: float | None  # 0–1; None without stories
    baseline: float | None  # None before the first bin
    log_evidence: float  # ln M, not below 0
    threshold: float  # ln A
    firing: Severity | None
    trail: tuple[TrailPoint, ...]

    @property
    def stream(self) -> Stream:
        return Stream(self.topic, self.target)

    @property
    def progress(self) -> float:
        """How much of the evidence an alert needs is there, 0–1."""
        return min(1.0, self.log_evidence / self.threshold)


@dataclass(frozen=True, slots=True)
class Period:
    """From the onset of an alert to its end."""

    id: str
    severity: Severity
    onset: datetime
    until: datetime | None  # None: still open


@dataclass(frozen=True, slots=True)
class Series:
    """One stream over time, a value a bin in each list."""

    topic: str
    target: str
    name: str
    window_hours: float  # what `share` is taken over, so that thin streams stay legible
    threshold: float  # ln A
    start: tuple[datetime, ...]
    stories: tuple[int, ...]
    negatives: tuple[int, ...]
    share: tuple[float | None, ...]
    baseline: tuple[float, ...]
    log_evidence: tuple[float, ...]
    alerts: tuple[Period, ...]


def promised(settings: Settings) -> Budget:
    """What the operator promised for the declared streams."""
    detect = settings.detect
    return share_out(detect.alarms_per_week, len(streams_of(settings)), detect.width)


def thresholds(settings: Settings) -> dict[Stream, float]:
    """ln A of each declared stream, by its part of the budget."""
    streams = streams_of(settings)
    level = config_of(settings).log_thresholds(streams)
    return dict(zip(streams, level.tolist(), strict=True))


def promise(budget: Budget) -> str:
    """As in `at most 1 false alarm a week over 29 streams`."""
    rate = budget.alarms_per_week
    alarms = f"{rate:g} false alarm{'s' if rate > 1 else ''}"
    return f"at most {alarms} a week over {counted(budget.streams, 'stream')}"


def table(
    streams: Sequence[Stream],
    bins: Mapping[Stream, Sequence[Evidence]],
    firing: Sequence[Alert],
    budget: Budget,
    now: datetime,
) -> list[StreamRow]:
    """A row a stream: those with an open alert first, then by evidence."""
    bad_news = [a for a in firing if a.kind in ("negative_share", "negative_volume")]
    severities = {alert.stream: alert.severity for alert in bad_news}
    everything = dict.fromkeys((*streams, *severities))
    rows = [
        _row(stream, bins.get(stream, ()), severities.get(stream), budget, now)
        for stream in everything
    ]
    return sorted(rows, key=lambda row: (row.firing is None, -row.log_evidence, -row.stories))


def series(
    stream: Stream,
    bins: Sequence[Evidence],
    since: datetime,
    alerts: Sequence[Alert],
    budget: Budget,
) -> Series:
    """`bins` from a day before `since`, so that the first share has its whole window."""
    window = legible_window(bins)
    shares = rolling_share(bins, window)
    shown = [(b, share) for b, share in zip(bins, shares, strict=True) if b.start >= since]
    return Series(
        stream.topic,
        stream.target,
        str(stream),
        window / timedelta(hours=1),
        math.log(budget.threshold),
        start=tuple(b.start for b, _ in shown),
        stories=tuple(b.stories for b, _ in shown),
        negatives=tuple(b.negatives for b, _ in shown),
        share=tuple(share for _, share in shown),
        baseline=tuple(b.baseline for b, _ in shown),
        log_evidence=tuple(max(0.0, b.log_evidence) for b, _ in shown),
        alerts=tuple(Period(a.id, a.severity, a.onset, a.resolved_at) for a in alerts),
    )


def legible_window(bins: Sequence[Evidence]) -> timedelta:
    """The shortest of 3, 6, 12 and 24 h that holds a dozen stories on average."""
    if not bins:
        return _WINDOWS[-1]
    span = bins[-1].start + bins[-1].width - bins[0].start
    stories = sum(b.stories for b in bins)
    fits = (w for w in _WINDOWS if w >= bins[-1].width and stories * (w / span) >= _LEGIBLE)
    return next(fits, _WINDOWS[-1])


def rolling_share(bins: Sequence[Evidence], window: timedelta) -> list[float | None]:
    """For each bin, the negative share of the `window` that ends with it."""
    shares: list[float | None] = []
    first = stories = negatives = 0
    for current in bins:
        stories += current.stories
        negatives += current.negatives
        while bins[first].start <= current.start - window:
            stories -= bins[first].stories
            negatives -= bins[first].negatives
            first += 1
        shares.append(negatives / stories if stories else None)
    return shares


def _row(
    stream: Stream,
    bins: Sequence[Evidence],
    firing: Severity | None,
    budget: Budget,
    now: datetime,
) -> StreamRow:
    today = [b for b in bins if b.start > now - DAY]
    stories, negatives = sum(b.stories for b in today), sum(b.negatives for b in today)
    trail = zip(bins, rolling_share(bins, DAY), strict=True)
    return StreamRow(
        stream.topic,
        stream.target,
        str(stream),
        stories,
        negatives,
        share=negatives / stories if stories else None,
        baseline=bins[-1].baseline if bins else None,
        log_evidence=max(0.0, bins[-1].log_evidence) if bins else 0.0,
        threshold=math.log(budget.threshold),
        firing=firing,
        trail=tuple(TrailPoint(b.start, share) for b, share in trail if b.start > now - TRAIL),
    )
