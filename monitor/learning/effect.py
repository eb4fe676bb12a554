"""What a challenger would have changed in the last 14 days: counts by stream, and alerts.

The store's past is judged twice by the detector, once by the labels that were counted and once
with the challenger's in their place; in the second its baselines are re-based at the beginning of
the 14 days, as they would have been at a promotion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.lifecycle import stories_of
from alerts.types import Alert, Stream
from alerts.wording import place, rfc3339
from monitor.config import Settings
from monitor.events import RUN_IN
from monitor.learning.rescored import negative, relabelled
from monitor.learning.shadow import WINDOW
from monitor.replay_judge import Span, judge
from monitor.replay_ledger import number_of
from monitor.store import history, shadows
from monitor.store.engine import Store
from monitor.store.history import Counted
from monitor.store.shadows import Both
from monitor.watching import config_of, streams_of
from monitor.what_if import checkpoints, ledger_of

_TOLD = 20  # alerts named in the report
_FEW = 20  # stories below which a stream's share of changes says nothing


def effect(
    store: Store, settings: Settings, champion: str, challenger: str, now: datetime
) -> dict[str, Any]:
    """For the trial's report; small where nothing was labelled yet."""
    since = now - WINDOW
    with store.read() as tx:
        both = shadows.leads(tx, champion, challenger, since)
        rows = history.since(tx, since - RUN_IN)
    answer = {"days": WINDOW.days, "stories": len(both), "streams": _streams(both)}
    if both:
        answer["differ"] = round(sum(_differs(story) for story in both) / len(both), 4)
    if both and rows:
        was = _fired(rows, settings, since)
        would = _fired(changed(rows, both, challenger, since), settings, since)
        answer["alerts"] = _compared(was, would)
    return answer


def _differs(story: Both) -> bool:
    """In anything by which a story is counted."""
    ours = (story.champion_topic, story.champion_negative, story.champion_positive)
    theirs = (story.challenger_topic, story.challenger_negative, story.challenger_positive)
    return ours != theirs


def changed(
    rows: Sequence[Counted], both: Sequence[Both], challenger: str, since: datetime
) -> list[Counted]:
    """The past as the challenger would have labelled it from `since` on."""
    said = {(story.story_id, story.target): story for story in both}
    return [
        _as_challenger(row, said[row.story_id, row.target], challenger)
        if row.lead and row.seen_at >= since and (row.story_id, row.target) in said
        else row
        for row in rows
    ]


def _as_challenger(row: Counted, story: Both, challenger: str) -> Counted:
    return replace(
        row,
        topic=story.challenger_topic,
        negative=story.challenger_negative,
        probability_negative=float(story.challenger_negative),
        checkpoint=challenger,
    )


def _fired(rows: Sequence[Counted], settings: Settings, since: datetime) -> list[Alert]:
    """Parent alerts of the 14 days."""
    config = config_of(settings)
    config = replace(config, coverage_alarms_per_week=0.0, positive_alarms_per_week=0.0)
    served = checkpoints(rows, config.bin)
    first = served.get(number_of(rows[0].at, config.bin), rows[0].checkpoint)
    span = Span(rows[0].at, rows[-1].at, first, served)
    found = judge(ledger_of(rows), streams_of(settings), config, span)
    return [one for one in found.alerts if one.parent is None and one.raised_at > since]


def _compared(was: Sequence[Alert], would: Sequence[Alert]) -> dict[str, Any]:
    """Alerts are the same where they tell of a common story."""
    before, after = stories_of(was), stories_of(would)
    gone = [alert for alert in was if not _told(alert, after)]
    new = [alert for alert in would if not _told(alert, before)]
    return {
        "before": len(was),
        "after": len(would),
        "gone": [_line(alert) for alert in gone[:_TOLD]],
        "new": [_line(alert) for alert in new[:_TOLD]],
    }


def _told(alert: Alert, stories: frozenset[int]) -> bool:
    return any(story.id in stories for story in alert.stories)


def _line(alert: Alert) -> str:
    kind = alert.kind.replace("_", " ")
    return f"{rfc3339(alert.raised_at)} {place(alert.stream)}: {kind}"


def _streams(both: Sequence[Both]) -> dict[str, Any]:
    """Share negative before and after, and of labels that change, where there are stories."""
    moved: dict[Stream, Any] = {}
    for stream, counted in relabelled(both, negative).items():
        if counted.stories >= _FEW or stream == Stream():
            changed_ = counted.before + counted.after - 2 * counted.both
            moved[stream] = {
                "stories": counted.stories,
                "before": round(counted.before / counted.stories, 4),
                "after": round(counted.after / counted.stories, 4),
                "changed": round(changed_ / counted.stories, 4),
            }
    order = sorted(moved, key=lambda stream: (-moved[stream]["changed"], str(stream)))
    return {place(stream): moved[stream] for stream in order}
