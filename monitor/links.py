"""Signed links in an alert's mail: a click and a button answer it, without a password.

A link names one delivery, one answer and when it runs out, signed with the store's own key: it
cannot be made up or changed, and all it can do is give that answer in the name of everybody who
reads that receiver's mail. Mail scanners follow links, so that opening one records nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.types import Delivery
from monitor.signing import Signer
from monitor.store.alert_verdicts import AlertAnswer, AlertReason

VALID = timedelta(days=14)  # from when the mail was put into the outbox
# What each choice says, for pages and mails that offer it.
EXPLAINED: dict[AlertReason, str] = {
    "real": "It was worth telling.",
    "duplicate": "It tells again what another alert has told.",
    "wrong topic": "Its stories are about something else.",
    "wrong sentiment": "Its stories are not as bad, or as good, as they were taken for.",
    "known": "The desk knew it already.",
    "immaterial": "True, but not worth an alert.",
}
CHOICES = tuple(EXPLAINED)
_PURPOSE = "downdraft mail link"


@dataclass(frozen=True, slots=True)
class MailLink:
    """What one link says."""

    delivery_id: str
    reason: AlertReason
    until: datetime

    @property
    def answer(self) -> AlertAnswer:
        return answer_of(self.reason)


def answer_of(reason: AlertReason) -> AlertAnswer:
    """What a reason code says by itself."""
    return "confirm" if reason == "real" else "reject"


def mail_links(delivery: Delivery, public_url: str, key: bytes) -> dict[AlertReason, str]:
    """A link for each choice; the same for each attempt at one delivery."""
    until = int((delivery.created_at + VALID).timestamp())
    signer = Signer(key, _PURPOSE)
    base = f"{public_url.rstrip('/')}/v/"
    return {
        reason: base + signer.sign([delivery.id, number, until])
        for number, reason in enumerate(CHOICES)
    }


def read_link(token: str, key: bytes) -> MailLink | None:
    """What the token says, run out or not; None where we did not make it."""
    said = Signer(key, _PURPOSE).read(token)
    if said is None:
        return None
    delivery_id, number, until = said
    return MailLink(delivery_id, CHOICES[number], datetime.fromtimestamp(until, UTC))
