"""One way for every acknowledgement of an alert, from the page and from the API; and what the
crisis is called after it, or after another alert has joined it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog

from alerts.acknowledging import LONGEST_NOTE, settled, spreads, why_not
from alerts.types import Alert
from alerts.wording import one_line
from monitor.store import acknowledgements, alerts, detection
from monitor.store.acknowledgements import Acknowledgement
from monitor.store.engine import Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OnIt:
    """An acknowledgement as it stands in the log."""

    said: Acknowledgement
    new: bool  # False: it stood there already


def acknowledge(
    tx: Transaction, alert_id: str, analyst: str, note: str, now: datetime
) -> OnIt | None:
    """Takes down that an analyst is on it; None where there is no such alert.

    A crisis is one alert: whichever of it is named, all that is open of it is acknowledged. What
    the analyst has said since it last spread is not said twice. Raises ValueError, one line, where
    the alert is over.
    """
    detection.hold(tx)
    found = alerts.get(tx, alert_id)
    if found is None:
        return None
    if reason := why_not(found):
        raise ValueError(reason)
    crisis, note = alerts.crisis(tx, found), one_line(note, LONGEST_NOTE)
    own = [one for one, holds in _told(tx, crisis) if holds and one.analyst == analyst]
    if own and own[-1].note == note:
        return OnIt(own[-1], new=False)
    said = _said(crisis, analyst, note, own[-1].id if own else "", now)
    new = acknowledgements.add(tx, said)
    settle(tx, found)
    alerts.withdraw(tx, said.alert_id, "grown", now)
    log.info("alert.acknowledged", alert=said.alert_id, analyst=analyst)
    return OnIt(said, new)


def settle(tx: Transaction, alert: Alert) -> None:
    """Calls the crisis of an alert acknowledged or firing, as what was said of it has it."""
    crisis = alerts.crisis(tx, alert)
    for one in settled(crisis, any(holds for _, holds in _told(tx, crisis))):
        alerts.update(tx, one)


def who_was_on(tx: Transaction, alert: Alert) -> list[tuple[Acknowledgement, bool]]:
    """Who was on the crisis of an alert, oldest first, and whether that holds."""
    return _told(tx, alerts.crisis(tx, alert))


def _told(tx: Transaction, crisis: list[Alert]) -> list[tuple[Acknowledgement, bool]]:
    joined = spreads(crisis)
    return [(one, one.spreads == joined) for one in acknowledgements.of(tx, crisis[0].id)]


def _said(
    crisis: list[Alert], analyst: str, note: str, before: str, now: datetime
) -> Acknowledgement:
    """Named after what the analyst said `before`: two clicks at once are one, and of two notes
    there and back again are three."""
    parent, joined = crisis[0].id, spreads(crisis)
    name = "\0".join((parent, analyst, note, str(joined), before))
    id_ = f"ack-{hashlib.sha256(name.encode()).hexdigest()[:26]}"
    return Acknowledgement(id_, parent, analyst, note, joined, now)
