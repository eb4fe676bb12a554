"""Everything that was said of alerts and near-misses, as a log: to be taken out, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.alert_verdicts import AlertAnswer, AlertReason, Route
from monitor.store.tables import alert
from monitor.store.tables_learning import alert_verdict, near_miss

NEAR_MISS = "near_miss"
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer, and what it is about as far as that is still kept."""

    alert: str  # or a near-miss
    topic: str
    target: str
    kind: str  # alerts.types.Kind, or NEAR_MISS
    raised_at: datetime | None  # None: a near-miss never was
    analyst: str
    answer: AlertAnswer
    reason: AlertReason
    route: Route
    at: datetime


def stream(tx: sa.Connection) -> Iterator[Entry]:
    """All in the order in which they came, those that a later answer has replaced too."""
    query = sa.select(*_fields()).select_from(_about()).order_by(alert_verdict.c.number)
    for row in tx.execute(query).yield_per(_BATCH):
        yield Entry(*row)


def answers(tx: sa.Connection) -> dict[tuple[str, ...], int]:
    """All answers ever, by (answer, "alert verdict" or "near-miss")."""
    why = sa.case((near_miss.c.id.is_not(None), "near-miss"), else_="alert verdict").label("why")
    said = alert_verdict.c.answer
    query = sa.select(said, why, sa.func.count()).select_from(_about()).group_by(said, why)
    return {(answer, why_): count for answer, why_, count in tx.execute(query)}


def _about() -> sa.Join:
    id_ = alert_verdict.c.alert_id
    both = sa.outerjoin(alert_verdict, alert, alert.c.id == id_)
    return sa.outerjoin(both, near_miss, near_miss.c.id == id_)


def _fields() -> list[sa.ColumnElement[Any]]:
    said, near = alert_verdict.c, sa.case((near_miss.c.id.is_not(None), NEAR_MISS), else_="")
    return [
        said.alert_id,
        sa.func.coalesce(alert.c.topic, near_miss.c.topic, ""),
        sa.func.coalesce(alert.c.target, near_miss.c.target, ""),
        sa.func.coalesce(alert.c.kind, near),
        alert.c.raised_at,
        *(said[name] for name in ("analyst", "answer", "reason", "route", "at")),
    ]
