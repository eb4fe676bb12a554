"""The document that `downdraft replay` prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.detector import DetectorConfig
from alerts.types import Alert, Stream
from alerts.wording import rfc3339
from monitor.events import Event, score
from monitor.replay_judge import Judgement, Span
from monitor.replay_ledger import MemoryLedger

DAY = timedelta(days=1)
HEADLINES = 5


def report(
    articles: int,
    ledger: MemoryLedger,
    found: Judgement,
    streams: Sequence[Stream],
    span: Span,
    config: DetectorConfig,
    events: Sequence[Event],
) -> dict[str, Any]:
    """Everything but the seconds it took."""
    parents = [alert for alert in found.alerts if alert.parent is None]
    shares = [alert for alert in parents if alert.kind == "negative_share"]
    others = [alert for alert in parents if alert.kind != "negative_share"]
    stream_days = _stream_days(ledger, streams)
    times = [moment(alert, config.bin) for alert in shares]
    return {
        "articles": articles,
        "stories": len(ledger.times(Stream())),
        "streams": len(streams),
        "bins": found.bins,
        "stream_days": stream_days,
        "budget_per_week": round(config.alarms_per_week, 4),
        "alerts": [shown(alert, found.alerts, config.bin) for alert in shares],
        "other_alerts": [shown(alert, found.alerts, config.bin) for alert in others],
        "events": score(events, times, span.first, span.last, config.bin >= DAY),
        "alerts_per_100_stream_days": round(100 * len(shares) / max(1, stream_days), 4),
    }


def _stream_days(ledger: MemoryLedger, streams: Sequence[Stream]) -> int:
    """Days with at least one story, summed over the streams."""
    return sum(len({at.toordinal() for at in ledger.times(stream)}) for stream in streams)


def moment(alert: Alert, width: timedelta) -> datetime:
    """The end of the bin; for whole days their last second, so that the date is the day's."""
    return alert.raised_at - (timedelta(seconds=1) if width >= DAY else timedelta(0))


def shown(alert: Alert, alerts: Sequence[Alert], width: timedelta) -> dict[str, Any]:
    """A parent alert with its children inside, as JSON."""
    children = [child for child in alerts if child.parent == alert.id]
    return {**_row(alert, width), "children": [_row(child, width) for child in children]}


def _row(alert: Alert, width: timedelta) -> dict[str, Any]:
    return {
        "id": alert.id,
        "at": rfc3339(moment(alert, width)),
        "topic": alert.stream.topic,
        "target": alert.stream.target,
        "kind": alert.kind,
        "severity": alert.severity,
        "onset": rfc3339(alert.onset),
        "resolved_at": rfc3339(alert.resolved_at) if alert.resolved_at else None,
        "log_evidence": round(alert.evidence.log_evidence, 3),
        "stories": alert.stories_since_onset,
        "negatives": alert.negatives_since_onset,
        "baseline": round(alert.baseline, 4),
        "share": round(alert.share, 4),
        "headlines": [story.title for story in alert.stories[:HEADLINES]],
    }
