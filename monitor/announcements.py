"""What an outcome gives receivers to read: put into the outbox in the transaction it came of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from alerts.detector import DetectorConfig
from alerts.dispatch import APART, outbox
from alerts.outcome import Outcome
from alerts.spreading import has_grown, has_spread
from alerts.types import Alert, Announcement, Delivery
from monitor.acknowledging import settle
from monitor.context import Context
from monitor.receivers import wish
from monitor.store import acknowledgements, alerts, articles, bins, detection
from monitor.store.engine import Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    """One tick's transaction and what it works with."""

    context: Context
    tx: Transaction
    config: DetectorConfig
    now: datetime


def announce(this: Round, outcome: Outcome) -> None:
    """What was raised, what has joined an alert of before, what has changed and what is over."""
    for alert in outcome.raised:
        crisis = [alert, *(one for one in outcome.raised if one.parent == alert.id)]
        deliveries = _outbox(this, alert, "firing", _who_asked(this, crisis))
        if alerts.open_new(this.tx, alert, deliveries):
            _count(this, alert)
    _announce_spread(this, outcome.joined)
    for alert in outcome.changed:
        alerts.update(this.tx, alert)
        settle(this.tx, alert)  # the detector knows it as it was before the tick
        log.info("alert.changed", alert=alert.id, feeds=list(alert.feeds))
    for alert in outcome.resolved:
        alerts.update(this.tx, alert)
        alerts.add_deliveries(this.tx, _outbox(this, alert, "resolved", _who_was_told(this, alert)))
        log.info("alert.resolved", alert=alert.id, stream=str(alert.stream))


def announce_growth(this: Round, open_alerts: Iterable[Alert]) -> None:
    """Of alerts on negative shares those whose excess has doubled since receivers last heard.

    Not of acknowledged ones: whoever is on it sees it grow.
    """
    for alert in open_alerts:
        if alert.parent is not None or alert.status == "acknowledged":
            continue
        told_at = alerts.last_told(this.tx, alert.id)
        if told_at is None or this.now - told_at < APART:
            continue
        by_now = bins.tally(this.tx, alert.stream, alert.onset, this.now + this.config.bin)
        at_raising = (alert.negatives_since_onset, alert.stories_since_onset)
        told_bin = detection.floor(told_at, this.config.bin)  # most of it came after the message
        told = max(at_raising, bins.tally(this.tx, alert.stream, alert.onset, told_bin))
        if has_grown(alert.baseline, told, by_now, this.config.min_stories):
            told_of_it = _who_was_told(this, alert)
            alerts.add_deliveries(this.tx, _outbox(this, alert, "grown", told_of_it))
            negatives, stories = by_now
            log.warning("alert.grown", alert=alert.id, negatives=negatives, stories=stories)


def _announce_spread(this: Round, joined: Sequence[Alert]) -> None:
    """A crisis that grows is told of again: who let the first message pass may mind by now, and
    who is on it is on another story."""
    for parent_id, child in {one.parent: one for one in reversed(joined) if one.parent}.items():
        parent = alerts.get(this.tx, parent_id)
        if parent is not None and has_spread(parent, child, parent.evidence.width):
            asked = _who_asked(this, alerts.crisis(this.tx, parent))
            alerts.add_deliveries(this.tx, _outbox(this, parent, "spread", asked))
            log.warning(
                "alert.spread", alert=parent_id, stream=str(child.stream), kind=child.kind,
                was=parent.status,
            )  # fmt: skip
        settle(this.tx, child)


def _who_asked(this: Round, crisis: Sequence[Alert]) -> list[str]:
    """Receivers that are told of one of its streams, in the order of the configuration."""
    receivers = this.context.settings.receivers
    return [receiver.name for receiver in receivers if wish(receiver).wants(crisis)]


def _who_was_told(this: Round, alert: Alert) -> list[str]:
    """Of those that are still configured: whoever heard nothing of it needs not hear the rest."""
    told = {delivery.receiver for delivery in alerts.deliveries(this.tx, alert.id)}
    return [one.name for one in this.context.settings.receivers if one.name in told]


def _outbox(
    this: Round, alert: Alert, announcement: Announcement, receivers: Sequence[str]
) -> Sequence[Delivery]:
    on_it = acknowledgements.newest(this.tx, alert.id)
    now = min(this.now, this.context.clock())
    return outbox(alert, announcement, receivers, now, on_it.id if on_it else "")


def _count(this: Round, alert: Alert) -> None:
    metrics = this.context.metrics
    metrics.alerts.labels(kind=alert.kind, severity=alert.severity).inc()
    published = articles.newest_publication(this.tx, [story.id for story in alert.stories])
    if published is not None:
        waited = max(0.0, (this.now - published).total_seconds())
        metrics.stage_seconds.labels(stage="alerted").observe(waited)
    log.warning(
        "alert.firing", alert=alert.id, kind=alert.kind, stream=str(alert.stream),
        severity=alert.severity, feeds=list(alert.feeds),
        stories=alert.stories_since_onset, negatives=alert.negatives_since_onset,
        parent=alert.parent,
    )  # fmt: skip
