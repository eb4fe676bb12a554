"""Why an alert was raised: its numbers, counted again from the labels in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alerts.render import render
from alerts.types import Alert, Evidence, Stream
from alerts.wording import rfc3339
from monitor.store import alerts, bins, detection
from monitor.store.engine import Store


def explain(store: Store, alert_id: str) -> dict[str, Any] | None:
    """The alert, every bin from its onset to its alarm, and whether a recount agrees.

    A story's `negative` is what was counted: that negative is its likeliest sentiment, whatever
    label was chosen. None for an unknown alert.
    """
    with store.read() as tx:
        alert = alerts.get(tx, alert_id)
        if alert is None:
            return None
        until = alert.evidence.start + alert.evidence.width
        judged = bins.of(tx, alert.stream, alert.onset, alert.evidence.start)
        counted = [detection.counts(tx, one.start).get(alert.stream, (0, 0)) for one in judged]
        children = [child.id for child in alerts.children(tx, alert_id)]
        stories = detection.SqlLedger(tx).stories(alert.stream, alert.onset, until)
    rows = [_bin(one, count) for one, count in zip(judged, counted, strict=True)]
    return {
        "alert": _data(alert),
        "bins": rows,
        "recount_agrees": all(one["stories"] == one["recounted_stories"] for one in rows)
        and all(one["negatives"] == one["recounted_negatives"] for one in rows),
        "children": children,
        "stories": [
            {
                "title": story.title,
                "negative": story.negative,
                "probability_negative": story.probability_negative,
                "first_seen_at": rfc3339(story.first_seen_at),
                "origins": [copy.origin for copy in story.copies],
            }
            for story in stories
        ],
    }


def lines(document: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    alert = document["alert"]
    where = Stream(alert["topic"], alert["target"])
    yield f"{alert['id']}  {where}  {alert['severity']}, {alert['status']}"
    yield (
        f"{alert['negatives']} of {alert['stories']} stories negative since {alert['onset']}; "
        f"baseline {alert['baseline']:.1%}; ln M {alert['log_evidence']:.2f} against "
        f"ln A {alert['threshold']:.2f}; checkpoint {alert['checkpoint']}"
    )
    for one in document["bins"]:
        yield (
            f"  {one['start']}  {one['negatives']:3} of {one['stories']:3}  "
            f"baseline {one['baseline']:.3f}  ln M {one['log_evidence']:+.2f}"
        )
    agrees = "agrees" if document["recount_agrees"] else "DISAGREES"
    yield f"recount of the labels in the store {agrees}"
    for story in document["stories"]:
        mark = "-" if story["negative"] else " "
        yield f"  {mark} {story['title']}  ({', '.join(story['origins'])})"


def _data(alert: Alert) -> Any:
    return render(alert, "firing", (), "").payload["data"]


def _bin(one: Evidence, counted: tuple[int, int]) -> dict[str, Any]:
    return {
        "start": rfc3339(one.start),
        "stories": one.stories,
        "negatives": one.negatives,
        "baseline": one.baseline,
        "log_evidence": one.log_evidence,
        "gain": one.gain,
        "recounted_stories": counted[0],
        "recounted_negatives": counted[1],
    }
