"""deliver: the outbox → receivers.

A delivery is sent first and marked after: killed in between, it goes out again under the same
id, which receivers drop. Marked first, it would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from alerts.dispatch import after_attempt
from alerts.errors import DeliveryError
from alerts.render import Message, render
from alerts.spreading import as_grown
from alerts.types import Alert, Delivery
from monitor.context import Context
from monitor.links import mail_links
from monitor.store import alerts, articles, bins
from monitor.store.detection import SqlLedger
from monitor.store.engine import Transaction
from monitor.store.link_key import key_of
from monitor.watching import owners_of

log = structlog.get_logger()

_LEASE = timedelta(minutes=2)  # above any sender's timeout
_BATCH = 20


def deliver(context: Context) -> bool:
    """One batch of due deliveries."""
    with context.store.write() as tx:
        claimed = alerts.claim_due(tx, context.clock(), _LEASE, _BATCH)
    for delivery in claimed:
        _attempt(context, delivery)
    return len(claimed) == _BATCH


def _attempt(context: Context, delivery: Delivery) -> None:
    error = None
    try:
        _send(context, delivery)
    except DeliveryError as failed:
        error = failed
    except Exception as bug:  # one message that cannot be made must not hold up the others
        log.exception("delivery.bug", delivery=delivery.id)
        error = DeliveryError(f"{type(bug).__name__} while sending: see the log")
    now = context.clock()
    after = after_attempt(delivery, error, now, context.rng)
    with context.store.write() as tx:
        alerts.record_attempt(tx, after)
    _report(context, after)


def _send(context: Context, delivery: Delivery) -> None:
    sender = context.senders.get(delivery.receiver)
    if sender is None:
        gone = f"receiver {delivery.receiver} is no longer configured; add it or ignore this one"
        raise DeliveryError(gone, permanent=True)
    message, published = _message(context, delivery)
    sender.send(message, delivery, context.clock())
    if published is not None and delivery.announcement == "firing":
        waited = max(0.0, (context.clock() - published).total_seconds())
        context.metrics.stage_seconds.labels(stage="delivered").observe(waited)


def _message(context: Context, delivery: Delivery) -> tuple[Message, datetime | None]:
    """The message, and when the youngest story that it tells was published."""
    with context.store.read() as tx:
        alert = alerts.get(tx, delivery.alert_id)
        children = alerts.children(tx, delivery.alert_id)
        assert alert is not None, "a delivery row references its alert"
        published = articles.newest_publication(tx, [story.id for story in alert.stories])
        by_now = _by_now(context, tx, alert) if delivery.announcement == "grown" else None
    url = context.settings.web.public_url
    answers = _answers(context, delivery)
    owners = owners_of(context.settings)
    message = render(alert, delivery.announcement, children, url, answers, by_now, owners)
    return message, published


def _by_now(context: Context, tx: Transaction, alert: Alert) -> Alert:
    """The alert with what its stream has counted since."""
    now, width = context.clock(), context.settings.detect.width
    since = SqlLedger(tx).stories(alert.stream, alert.raised_at - width, now + width)
    new = [story for story in since if story.first_seen_at >= alert.raised_at]
    return as_grown(alert, bins.tally(tx, alert.stream, alert.onset, now + width), new, width)


def _answers(context: Context, delivery: Delivery) -> Mapping[str, str]:
    """Links to answer by, only where the operator has said how we are reached."""
    web = context.settings.web
    if "public_url" not in web.model_fields_set:
        return {}
    links = mail_links(delivery, web.public_url, key_of(context.store))
    return {str(reason): link for reason, link in links.items()}


def _report(context: Context, after: Delivery) -> None:
    outcome = "retry" if after.state == "pending" else after.state
    kinds = {receiver.name: receiver.kind for receiver in context.settings.receivers}
    sender = kinds.get(after.receiver, "unknown")
    context.metrics.deliveries.labels(sender=sender, outcome=outcome).inc()
    if after.state == "sent":
        log.info("delivery.sent", delivery=after.id, alert=after.alert_id, receiver=after.receiver)
        return
    log.warning(
        "delivery.failed", delivery=after.id, alert=after.alert_id, receiver=after.receiver,
        attempts=after.attempts, outcome=outcome, error=after.last_error,
        retry_at=after.due_at.isoformat(timespec="seconds"),
    )  # fmt: skip
