"""Who was on which alert, with what note: append-only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables_learning import acknowledgement
from monitor.store.upsert import insert_or_ignore


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody was on an alert, and so on all that was open inside it."""

    id: str  # unique; the same said twice has the same
    alert_id: str  # a parent's
    analyst: str
    note: str  # "" where none was given
    spreads: int  # how many had joined the alert by then; it holds until there are more
    at: datetime


def add(tx: sa.Connection, new: Acknowledgement) -> bool:
    """Appends one; False where one of its id is there already, which stays as it is."""
    return bool(insert_or_ignore(tx, acknowledgement, [asdict(new)]))


def of(tx: sa.Connection, alert_id: str) -> list[Acknowledgement]:
    """All of a parent alert, those that hold no more too, oldest first."""
    query = _rows().where(acknowledgement.c.alert_id == alert_id)
    return [Acknowledgement(*row) for row in tx.execute(query.order_by(acknowledgement.c.number))]


def newest(tx: sa.Connection, alert_id: str) -> Acknowledgement | None:
    query = _rows().where(acknowledgement.c.alert_id == alert_id)
    row = tx.execute(query.order_by(acknowledgement.c.number.desc()).limit(1)).first()
    return Acknowledgement(*row) if row else None


def _rows() -> sa.Select[Any]:
    return sa.select(*(acknowledgement.c[field] for field in Acknowledgement.__dataclass_fields__))
