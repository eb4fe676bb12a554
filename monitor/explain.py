"""Why an alert was raised: its numbers, counted again from the labels in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from alerts.ledger import Ledger
from alerts.render import render
from alerts.types import Alert, Evidence, Stream
from alerts.wording import rfc3339
from monitor.config import Settings
from monitor.label_errors import corrected_share
from monitor.store import alerts, bins, companions, detection
from monitor.store.engine import Store, Transaction


def explain(store: Store, settings: Settings, alert_id: str) -> dict[str, Any] | None:
    """The alert, every bin from its onset to its alarm, and whether a recount agrees.

    "corrected": its share without the errors of the labels, with a 90 % interval; None where
    nobody knows them. A story's `negative` is what was counted: that negative is its likeliest
    sentiment, whatever label was chosen. None for an unknown alert.
    """
    with store.read() as tx:
        alert = alerts.get(tx, alert_id)
        if alert is None:
            return None
        until = alert.evidence.start + alert.evidence.width
        rows = [row for feed in _rows_of(alert) for row in _recount(tx, alert, feed)]
        children = [child.id for child in alerts.children(tx, alert_id)]
        stories = _ledger(tx, alert).stories(alert.stream, alert.onset, until)
        share = corrected_share(tx, settings, alert)
    return {
        "alert": _data(alert),
        "corrected": asdict(share) if share else None,
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


def _ledger(tx: Transaction, alert: Alert) -> Ledger:
    positive = alert.kind == "positive_share"
    return companions.PositiveLedger(tx) if positive else detection.SqlLedger(tx)


def _rows_of(alert: Alert) -> tuple[str, ...]:
    """The stream itself (no name), or the silent feeds where they are what the alert is about."""
    return alert.feeds if alert.feeds and alert.stream == Stream() else ("",)


def _recount(tx: Transaction, alert: Alert, feed: str) -> list[dict[str, Any]]:
    """Every bin from the onset to the alarm as it was judged, and counted again."""
    first, last = alert.onset, alert.evidence.start
    if alert.kind == "positive_share":
        return []  # its bins are not kept: the stories below are its evidence
    if alert.expected is None:
        judged = bins.of(tx, alert.stream, first, last)
    else:
        judged = companions.bins_of(tx, alert.kind, alert.stream, feed, first, last)
    if feed:
        ends = [(one.start, one.start + one.width) for one in judged]
        again = [(companions.articles_of(tx, feed, *span), 0) for span in ends]
    else:
        again = [detection.counts(tx, one.start).get(alert.stream, (0, 0)) for one in judged]
    return [_bin(one, count, feed) for one, count in zip(judged, again, strict=True)]


def lines(document: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    alert = document["alert"]
    where = Stream(alert["topic"], alert["target"])
    yield f"{alert['id']}  {where}  {alert['kind']}, {alert['severity']}, {alert['status']}"
    yield (
        f"{_tally(alert)} since {alert['onset']}; ln M {alert['log_evidence']:.2f} against "
        f"ln A {alert['threshold']:.2f}; checkpoint {alert['checkpoint']}"
    )
    if share := document["corrected"]:
        yield (
            f"without the errors of the labels about {share['share']:.0%} "
            f"({share['low']:.0%} to {share['high']:.0%})"
        )
    yield alert["budget"]["sentence"]
    for one in document["bins"]:
        usual = one["expected"]
        against = f"baseline {one['baseline']:.3f}" if usual is None else f"usual {usual:.1f}"
        feed = f"  {one['feed']}" if one["feed"] else ""
        yield (
            f"  {one['start']}  {one['negatives']:3} of {one['stories']:3}  "
            f"{against}  ln M {one['log_evidence']:+.2f}{feed}"
        )
    agrees = "agrees" if document["recount_agrees"] else "DISAGREES"
    yield f"recount of the labels in the store {agrees}"
    for story in document["stories"]:
        mark = "-" if story["negative"] else " "
        yield f"  {mark} {story['title']}  ({', '.join(story['origins'])})"


def _tally(alert: dict[str, Any]) -> str:
    if alert["kind"] == "coverage_hole":
        feeds = f" from {', '.join(alert['feeds'])}" if alert["feeds"] else ""
        return f"{alert['stories']} stories{feeds}, {alert['expected']:.1f} would be usual,"
    counted = alert.get("positives", alert["negatives"])
    word = "positive" if alert["kind"] == "positive_share" else "negative"
    return (
        f"{counted} of {alert['stories']} stories {word}, {alert['expected']:.1f} would be "
        f"usual (baseline {alert['baseline']:.1%})"
    )


def _data(alert: Alert) -> Any:
    return render(alert, "firing", (), "").payload["data"]


def _bin(one: Evidence, counted: tuple[int, int], feed: str) -> dict[str, Any]:
    return {
        "feed": feed,
        "start": rfc3339(one.start),
        "stories": one.stories,
        "negatives": one.negatives,
        "baseline": one.baseline,
        "expected": one.expected,
        "log_evidence": one.log_evidence,
        "gain": one.gain,
        "recounted_stories": counted[0],
        "recounted_negatives": counted[1],
    }
