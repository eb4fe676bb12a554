"""What carries messages out of the house, by kind."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import httpx2

from alerts.chat import ChatSender, ChatSettings
from alerts.email import EmailSender, EmailSettings
from alerts.render import Message
from alerts.types import Delivery
from alerts.webhook import WebhookSender, WebhookSettings

Settings = EmailSettings | WebhookSettings | ChatSettings
KINDS: dict[str, type[Settings]] = {
    "email": EmailSettings,
    "webhook": WebhookSettings,
    "chat": ChatSettings,
}


class Sender(Protocol):
    """Hands one message to one receiver, once. Keep it between ticks: it may hold what was done."""

    def send(self, message: Message, delivery: Delivery, now: datetime) -> None:
        """Raises DeliveryError, whose text names no secret."""


def open_sender(settings: Settings, client: httpx2.Client) -> Sender:
    """The sender for `settings`. Raises ValueError, in one line, where they cannot work."""
    match settings:
        case EmailSettings():
            return EmailSender(settings)
        case WebhookSettings():
            return WebhookSender(settings, client)
        case ChatSettings():
            return ChatSender(settings)
