"""Why an alert was raised: its numbers, counted again from the labels in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alerts.ledger import LabelledStory, Ledger
from alerts.owners import Owners, origins_of, told_apart
from alerts.render import render
from alerts.types import Alert, Evidence, Story, Stream
from alerts.wording import rfc3339
from monitor.config import Settings
from monitor.label_errors import corrected_share
from monitor.store import alerts, companions, detection
from monitor.store.engine import Store, Transaction
from monitor.store.judged import behind
from monitor.watching import owners_of


def explain(store: Store, settings: Settings, alert_id: str) -> dict[str, Any] | None:
    """The alert, every bin from its onset to its alarm, and whether a recount agrees.

    "corrected": its share without the errors of the labels, with a 90 % interval; None where
    nobody knows them. A story's `negative` is what was counted: that negative is its likeliest
    sentiment, whatever label was chosen. "origins" are counted as the table of owners stands today,
    which may be another than that under which the alert was raised. "recount_agrees" is None where
    nothing can be counted again: bins and stories are then those kept with the alert. None for an
    unknown alert.
    """
    with store.read() as tx:
        alert = alerts.get(tx, alert_id)
        if alert is None:
            return None
        recount = _recount(tx, alert)
        children = [child.id for child in alerts.children(tx, alert_id)]
        share = corrected_share(tx, settings, alert)
    owners = owners_of(settings)
    return {
        "alert": _data(alert, owners),
        "corrected": asdict(share) if share else None,
        "bins": recount.rows,
        "recount_agrees": recount.agrees,
        "labels_kept": recount.labels_kept,
        "children": children,
        "origins": origins_of(recount.stories, owners),
        "stories": [_story(story) for story in recount.stories],
    }


@dataclass(frozen=True, slots=True)
class _Recount:
    rows: list[dict[str, Any]]
    agrees: bool | None  # None: there is nothing to count, or to hold it against
    labels_kept: bool
    stories: Sequence[LabelledStory | Story]


def _recount(tx: Transaction, alert: Alert) -> _Recount:
    """What was judged against the labels in the store, or as raised where those are gone."""
    oldest, judged = detection.first_bin(tx), behind(tx, alert)
    raised = alerts.bins_as_raised(tx, alert)
    if oldest is not None and oldest <= alert.onset and len(judged) >= len(raised):
        again = [_counted(tx, alert, feed, one) for feed, one in judged]
        agrees = again == [(one.stories, one.negatives) for _, one in judged]
        if agrees or oldest < alert.onset:  # else the labels of the onset itself may be going
            rows = [_bin(one, feed, n) for (feed, one), n in zip(judged, again, strict=True)]
            until = alert.evidence.start + alert.evidence.width
            stories = _ledger(tx, alert).stories(alert.stream, alert.onset, until)
            return _Recount(rows, agrees if rows else None, True, stories)
    rows = [_bin(one, feed, None) for feed, one in raised or judged]
    return _Recount(rows, None, False, alert.stories)


def _counted(tx: Transaction, alert: Alert, feed: str, one: Evidence) -> tuple[int, int]:
    """Stories of the bin, and those of them that count, as the labels have it now."""
    if feed:
        return companions.articles_of(tx, feed, one.start, one.start + one.width), 0
    positive = alert.kind == "positive_share"
    counts = (companions.positives if positive else detection.counts)(tx, one.start)
    return counts.get(alert.stream, (0, 0))


def _ledger(tx: Transaction, alert: Alert) -> Ledger:
    positive = alert.kind == "positive_share"
    return companions.PositiveLedger(tx) if positive else detection.SqlLedger(tx)


def _story(story: LabelledStory | Story) -> dict[str, Any]:
    return {
        "title": story.title,
        "negative": story.negative,
        "probability_negative": story.probability_negative,
        "first_seen_at": rfc3339(story.first_seen_at),
        "origins": list(dict.fromkeys(copy.origin for copy in story.copies)),
    }


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
    yield _verdict(document)
    if origins := document["origins"]:
        yield f"origins since the onset, as owners are named today: {told_apart(origins)}"
    for story in document["stories"]:
        mark = "-" if story["negative"] else " "
        yield f"  {mark} {story['title']}  ({', '.join(story['origins'])})"


def _verdict(document: dict[str, Any]) -> str:
    if document["recount_agrees"] is not None:
        agrees = "agrees" if document["recount_agrees"] else "DISAGREES"
        return f"recount of the labels in the store {agrees}"
    gone = "its bins were not kept" if document["labels_kept"] else "the labels are no longer kept"
    return f"{gone}; these are the numbers as raised"


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


def _data(alert: Alert, owners: Owners) -> Any:
    return render(alert, "firing", (), "", owners=owners).payload["data"]


def _bin(one: Evidence, feed: str, counted: tuple[int, int] | None) -> dict[str, Any]:
    stories, negatives = counted or (None, None)
    return {
        "feed": feed,
        "start": rfc3339(one.start),
        "stories": one.stories,
        "negatives": one.negatives,
        "baseline": one.baseline,
        "expected": one.expected,
        "log_evidence": one.log_evidence,
        "gain": one.gain,
        "recounted_stories": stories,
        "recounted_negatives": negatives,
    }
