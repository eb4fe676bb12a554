"""Which deliveries an alert makes, and what becomes of one after an attempt. Pure.

The promise is "at least once, and a repeat says so": ids come from what is delivered, not from
chance, so that whoever crashes between sending and marking sends the same id again.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.errors import DeliveryError
from alerts.types import Alert, Announcement, Delivery
from alerts.wording import one_line

# Seconds before each attempt, the first at once: over three days, as in Standard Webhooks, with
# more tries in the first minutes, when an alert is worth most.
SCHEDULE = (0, 5, 30, 120, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_JITTER = 0.1  # of the delay, added, so that a Retry-After is never undercut
APART = timedelta(hours=6)  # between two messages on one alert that grows and grows
_LONGEST_WAIT = 86_400.0  # seconds; a receiver cannot ask for silence beyond the schedule's step


def delivery_id(alert_id: str, receiver: str, announcement: str) -> str:
    """The same for the same announcement of the same alert to the same receiver, for ever."""
    named = "\0".join((alert_id, receiver, announcement))
    return f"msg_{hashlib.sha256(named.encode()).hexdigest()[:26]}"


def outbox(
    alert: Alert,
    announcement: Announcement,
    receivers: Sequence[str],
    now: datetime,
    after: str = "",
) -> tuple[Delivery, ...]:
    """One delivery a receiver, due at once. A child has none: its parent's message speaks of it.

    That an alert has spread or grown has the same id for a time of APART: whoever keeps the outbox
    takes the first and drops the others. `after` names the newest acknowledgement, if there is one:
    what happens after it is told at once, whatever was told before it.
    """
    if alert.parent is not None:
        return ()
    return tuple(
        Delivery(
            id=delivery_id(alert.id, receiver, _told(alert, announcement, now, after)),
            alert_id=alert.id,
            receiver=receiver,
            announcement=announcement,
            state="pending",
            attempts=0,
            due_at=now,
            created_at=now,
        )
        for receiver in dict.fromkeys(receivers)
    )


def _told(alert: Alert, announcement: Announcement, now: datetime, after: str) -> str:
    if announcement in ("firing", "resolved"):
        return announcement
    return " ".join(("worse", str((now - alert.raised_at) // APART), after)).rstrip()


def after_attempt(
    delivery: Delivery, error: DeliveryError | None, now: datetime, rng: random.Random
) -> Delivery:
    """`delivery` after one more attempt: sent, pending with a new due time, or dead."""
    attempts = delivery.attempts + 1
    if error is None:
        return replace(delivery, state="sent", attempts=attempts, last_error="")
    reason = one_line(str(error), 300)
    if error.permanent or attempts >= len(SCHEDULE):
        return replace(delivery, state="dead", attempts=attempts, last_error=reason)
    due_at = now + timedelta(seconds=_wait(attempts, error.retry_after, rng))
    return replace(delivery, attempts=attempts, due_at=due_at, last_error=reason)


def _wait(attempts: int, retry_after: float | None, rng: random.Random) -> float:
    """Seconds to the next attempt: the schedule's, or longer where the receiver asks for it.

    Never shorter than the schedule: a receiver that answers `Retry-After: 1` for ever would use up
    all attempts within seconds.
    """
    asked = min(retry_after or 0.0, _LONGEST_WAIT)
    return max(float(SCHEDULE[attempts]), asked) * (1 + _JITTER * rng.random())
