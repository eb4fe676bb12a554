"""From configured receivers to senders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from alerts.chat import ChatSettings
from alerts.email import EmailSettings
from alerts.routing import Wish
from alerts.senders import Sender, Settings, open_sender
from alerts.webhook import WebhookSettings
from monitor.config_detect import ALL_NEWS
from monitor.config_receivers import ChatReceiver, Receiver, WebhookReceiver
from monitor.errors import ConfigError
from monitor.fetch import make_client


def open_senders(receivers: Sequence[Receiver], stack: ExitStack) -> dict[str, Sender]:
    """A sender for each receiver, by name. Raises ConfigError for settings that cannot work."""
    # Webhooks often live inside the house: unlike a feed's, their addresses are the operator's own.
    client = stack.enter_context(make_client(allow_private=True, user_agent="downdraft"))
    senders = {}
    for receiver in receivers:
        try:
            senders[receiver.name] = open_sender(_settings(receiver), client)
        except ValueError as error:
            raise ConfigError(f"receiver {receiver.name}: {error}") from error
    return senders


def wish(receiver: Receiver) -> Wish:
    """What the receiver is told of."""
    topics = frozenset(receiver.topics)
    return Wish(
        topics - {ALL_NEWS},
        frozenset(receiver.names),
        ALL_NEWS in topics,
        frozenset(receiver.kinds),
    )


def _settings(receiver: Receiver) -> Settings:
    if isinstance(receiver, WebhookReceiver):
        return WebhookSettings(receiver.url, receiver.secret.get_secret_value())
    if isinstance(receiver, ChatReceiver):
        return ChatSettings(receiver.url.get_secret_value())
    return EmailSettings(
        host=receiver.host,
        port=receiver.port,
        security=receiver.security,
        username=receiver.username,
        password=receiver.password.get_secret_value(),
        ca_file=str(receiver.ca_file or ""),
        sender=receiver.sender,
        recipients=receiver.recipients,
    )
