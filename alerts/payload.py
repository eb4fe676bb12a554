"""The data of a webhook: an alert as JSON, in the form that Standard Webhooks recommends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from alerts.owners import NO_OWNERS, Owners, origins_of
from alerts.types import Alert, Announcement, Copy, Story
from alerts.wording import caveat, one_line, promise, rfc3339, safe_link, usual


@dataclass(frozen=True, slots=True)
class Cut:
    """How much a message shows of each list; what is left out is counted in it."""

    stories: int
    copies: int  # a story
    children: int


def outlets(story: Story) -> list[Copy]:
    """The first copy of each outlet that carried `story`, first the earliest."""
    first: dict[str, Copy] = {}
    for copy in sorted(story.copies, key=lambda copy: copy.seen_at):
        first.setdefault(copy.origin, copy)
    return list(first.values())


def alert_url(alert: Alert, public_url: str) -> str:
    return f"{public_url.rstrip('/')}/alerts/{quote(alert.id, safe='')}"


def payload(
    alert: Alert,
    announcement: Announcement,
    children: Sequence[Alert],
    public_url: str,
    cut: Cut,
    owners: Owners = NO_OWNERS,
) -> dict[str, object]:
    """`{"type", "timestamp", "data"}`. `threshold` is ln A, to be held against `log_evidence`;
    `origins`: how many owners the outlets of the stories have, by `owners`."""
    data = {
        **_numbers(alert, public_url),
        "severity": alert.severity,
        "status": alert.status,
        "resolved_at": rfc3339(alert.resolved_at) if alert.resolved_at else None,
        "threshold": round(math.log(alert.budget.threshold), 3),
        "budget": _budget(alert),
        "checkpoint": alert.checkpoint,
        "fallback_stories": alert.fallback_stories,
        "caveat": caveat(alert),
        "origins": len(origins_of(alert.stories, owners)),
        "headlines": [_story(story, cut.copies) for story in alert.stories[: cut.stories]],
        "more_headlines": max(0, len(alert.stories) - cut.stories),
        "children": [_numbers(child, public_url) for child in children[: cut.children]],
        "more_children": max(0, len(children) - cut.children),
    }
    at = rfc3339(_happened(alert, announcement, children))
    return {"type": f"alert.{announcement}", "timestamp": at, "data": data}


def _happened(alert: Alert, announcement: Announcement, children: Sequence[Alert]) -> datetime:
    if announcement == "spread":
        return max((alert.raised_at, *(child.raised_at for child in children)))
    return (alert.resolved_at if announcement == "resolved" else None) or alert.raised_at


def _numbers(alert: Alert, public_url: str) -> dict[str, object]:
    positive = alert.kind == "positive_share"
    return {
        "id": alert.id,
        "kind": alert.kind,
        "topic": one_line(alert.stream.topic, 80),
        "target": one_line(alert.stream.target, 80),
        "onset": rfc3339(alert.onset),
        "raised_at": rfc3339(alert.raised_at),
        "stories": alert.stories_since_onset,
        "negatives": None if positive else alert.negatives_since_onset,
        **({"positives": alert.negatives_since_onset} if positive else {}),
        "expected": round(usual(alert), 3),
        "feeds": [one_line(feed, 80) for feed in alert.feeds],
        "share": round(alert.share, 4),
        "baseline": round(alert.baseline, 4),
        "log_evidence": round(alert.evidence.log_evidence, 3),
        "url": alert_url(alert, public_url),
    }


def _budget(alert: Alert) -> dict[str, object]:
    """`alarms_per_week` over all, `stream_alarms_per_week` of them this stream's `part`."""
    budget = alert.budget
    return {
        "alarms_per_week": budget.alarms_per_week,
        "streams": budget.streams,
        "threshold": budget.threshold,
        "bins_per_week": budget.bins_per_week,
        "stream_alarms_per_week": budget.stream_alarms_per_week,
        "part": budget.part,
        "sentence": promise(budget, alert.kind),
    }


def _story(story: Story, most_copies: int) -> dict[str, object]:
    copies = outlets(story)
    return {
        "title": one_line(story.title),
        "negative": story.negative,
        "weight": round(story.weight, 3),
        "first_seen_at": rfc3339(story.first_seen_at),
        "copies": [_copy(copy) for copy in copies[:most_copies]],
        "more_copies": max(0, len(copies) - most_copies),
    }


def _copy(copy: Copy) -> dict[str, object]:
    return {
        "origin": one_line(copy.origin, 80),
        "url": safe_link(copy.url),
        "seen_at": rfc3339(copy.seen_at),
    }
