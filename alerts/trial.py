"""A message that says that a receiver is reached: for whoever has just set it up."""

from __future__ import annotations

from datetime import datetime
from html import escape

from alerts.dispatch import delivery_id
from alerts.render import Message
from alerts.types import Delivery
from alerts.wording import rfc3339


def trial(receiver: str, now: datetime) -> tuple[Message, Delivery]:
    """A message for one receiver and the delivery it goes out as; the outbox keeps neither."""
    words = f"This is a test. Downdraft reaches {receiver}; alerts will arrive here."
    message = Message(
        subject=f"[test] Downdraft reaches {receiver}",
        state="warning",
        text=f"{words}\n",
        html=f"<p>{escape(words)}</p>\n",
        payload={"type": "test", "timestamp": rfc3339(now), "data": {"receiver": receiver}},
        chat=words,
    )
    return message, Delivery(
        id=delivery_id("test", receiver, rfc3339(now)),
        alert_id="test",
        receiver=receiver,
        announcement="firing",
        state="pending",
        attempts=0,
        due_at=now,
        created_at=now,
    )
