"""Chat: Slack, Teams, Mattermost, Telegram, Discord and a hundred more, through Apprise.

An address holds its token, so of what Apprise logs only the status of an answer is told. Apprise
says no more than "not taken" of a refusal: every one but 410 Gone is tried again over the whole
schedule of `alerts.dispatch`. Chats know no delivery ids: a message that was taken just before a
crash comes twice. An address with several channels is repeated to all of them when one refuses;
whoever minds gives each channel a receiver of its own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from apprise import Apprise, NotifyBase, NotifyFormat, NotifyType

from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery

_LOGS = tuple(logging.getLogger(name) for name in ("apprise", "urllib3"))  # both name addresses
_COLOURS = {
    "critical": NotifyType.FAILURE,
    "warning": NotifyType.WARNING,
    "resolved": NotifyType.SUCCESS,
}
_STATUS = re.compile(r"error=(\d{3})\b")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Where to write, as Apprise spells it: slack://…, msteams://…, mmosts://…, tgram://…"""

    url: str = field(repr=False)


class ChatSender:
    """Writes to one chat."""

    def __init__(self, settings: ChatSettings):
        """Raises ValueError where Apprise knows no such address."""
        with _refusals():
            chat = Apprise.instantiate(settings.url)
        if not isinstance(chat, NotifyBase):
            raise ValueError(_unknown(settings.url))
        self._chat = chat

    def send(self, message: Message, delivery: Delivery, now: datetime) -> None:
        """Writes `message`. Raises DeliveryError where it was not taken."""
        with _refusals() as statuses:
            taken = self._chat.notify(
                body=message.chat,
                title=message.subject,
                notify_type=_COLOURS[message.state],
                body_format=NotifyFormat.TEXT,
            )
        if not taken:
            raise DeliveryError(self._reason(statuses), permanent=statuses[-1:] == ["410"])

    def _reason(self, statuses: list[str]) -> str:
        service = str(self._chat.service_name)
        if not statuses:
            return f"{service}: not reached, or it took none of it"
        check = ": check the url, and that its token still holds"
        return f"{service} answered {statuses[-1]}{check if statuses[-1][0] == '4' else ''}"


def _unknown(url: str) -> str:
    scheme, found, _ = url.partition("://")
    known = f"{scheme}://… is" if found and scheme.isalnum() else "it begins with no scheme and is"
    return (
        f"{known} not an address that Apprise can write to: see its list of services for how yours "
        "is spelled, such as slack://TokenA/TokenB/TokenC/#channel or mmosts://host/token"
    )


@contextmanager
def _refusals() -> Iterator[list[str]]:
    """The statuses of the answers that Apprise logs meanwhile; its lines go nowhere else."""
    statuses: list[str] = []
    keeper, before = _Keeper(statuses), [(log.propagate, log.level) for log in _LOGS]
    for log in _LOGS:
        log.addHandler(keeper)
        log.propagate = False
        log.setLevel(logging.WARNING)
    try:
        yield statuses
    finally:
        for log, (propagate, level) in zip(_LOGS, before, strict=True):
            log.removeHandler(keeper)
            log.propagate = propagate
            log.setLevel(level)


class _Keeper(logging.Handler):
    def __init__(self, statuses: list[str]):
        super().__init__(logging.WARNING)
        self._statuses = statuses

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging for each line; its name is theirs."""
        self._statuses += _STATUS.findall(record.getMessage())
