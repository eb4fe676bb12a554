"""One way for every answer about an alert: from the page, from the API and from links in mail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog

from alerts.near_misses import NearMiss
from alerts.types import Alert
from monitor.store import alert_verdicts, alerts, near_misses
from monitor.store.alert_verdicts import AlertAnswer, AlertReason, AlertVerdict, Route
from monitor.store.engine import Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it stands in the log."""

    verdict: AlertVerdict
    new: bool  # False: it stood there already


def answerable(tx: Transaction, about: str) -> Alert | NearMiss | None:
    """The alert of this id, or the near-miss if it was drawn to be shown; else None."""
    found = alerts.get(tx, about)
    if found is not None:
        return found
    near = near_misses.get(tx, about)
    return near if near is not None and near.asked else None


def say(
    tx: Transaction,
    about: str,
    analyst: str,
    answer: AlertAnswer,
    reason: AlertReason,
    route: Route,
    now: datetime,
    once: str = "",
) -> Said:
    """Appends an answer about `about`, which `answerable` has found.

    What the analyst says already is not said twice; another answer stands beside the first and
    holds. With `once`, the name of what was used to answer, it is taken a single time: later the
    answer is the first one's. Raises ValueError, one line, where answer and reason do not fit.
    """
    held = held_by(tx, about, analyst)
    if held is not None and (held.answer, held.reason) == (answer, reason):
        return Said(held, new=False)
    # From what was held before, not from the time: two clicks at once are one answer, and there
    # and back again are three.
    name = once or "\0".join((about, analyst, answer, reason, held.id if held else ""))
    id_ = verdict_id(route, name)
    verdict = AlertVerdict(id_, about, analyst, answer, reason, route, now)
    if not alert_verdicts.add(tx, verdict):
        return Said(alert_verdicts.get(tx, id_) or verdict, new=False)
    log.info(
        "alert.answered", alert=about, analyst=analyst, answer=answer, reason=reason, route=route
    )
    return Said(verdict, new=True)


def held_by(tx: Transaction, about: str, analyst: str) -> AlertVerdict | None:
    """What this analyst says of it now."""
    said = alert_verdicts.of(tx, about)
    return next((one for one in said if one.analyst == analyst), None)


def verdict_id(route: Route, name: str) -> str:
    """The same for the same name, for ever."""
    return f"{route}-{hashlib.sha256(name.encode()).hexdigest()[:26]}"
