"""Rises that raised no alert, kept so that those missed can be estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alerts.near_misses import NearMiss
from alerts.types import Stream
from monitor.store.tables import alert
from monitor.store.tables_learning import near_miss
from monitor.store.upsert import insert_or_ignore


def add(tx: sa.Connection, new: Sequence[NearMiss]) -> None:
    """Keeps them; one that is there already stays as it is."""
    rows = []
    for one in new:
        row = asdict(one)
        del row["stream"]
        rows.append(row | {"topic": one.stream.topic, "target": one.stream.target})
    insert_or_ignore(tx, near_miss, rows)


def get(tx: sa.Connection, near_miss_id: str) -> NearMiss | None:
    found = _select(tx, near_miss.c.id == near_miss_id)
    return found[0] if found else None


def since(tx: sa.Connection, first: datetime) -> list[NearMiss]:
    """Those that ended at or after `first`, newest first."""
    return _select(tx, near_miss.c.ended_at >= first)


def asked(tx: sa.Connection, first: datetime) -> list[NearMiss]:
    """Of those, the ones drawn to be shown."""
    return _select(tx, (near_miss.c.ended_at >= first) & near_miss.c.asked)


def told(tx: sa.Connection, stream: Stream, first: datetime, last: datetime) -> bool:
    """Whether an alert that was open in [first, last] told of this stream: its own or that of the
    whole, and of the whole any."""
    query = (
        sa.select(sa.func.count())
        .where(alert.c.kind == "negative_share", alert.c.raised_at <= last)
        .where(alert.c.resolved_at.is_(None) | (alert.c.resolved_at >= first))
    )
    if stream != Stream():
        own = (alert.c.topic == stream.topic) & (alert.c.target == stream.target)
        query = query.where(own | ((alert.c.topic == "") & (alert.c.target == "")))
    return bool(tx.execute(query).scalar_one())


def _select(tx: sa.Connection, where: sa.ColumnElement[bool]) -> list[NearMiss]:
    rows = tx.execute(sa.select(near_miss).where(where).order_by(near_miss.c.ended_at.desc()))
    return [_near_miss(row) for row in rows]


def _near_miss(row: Any) -> NearMiss:
    values = dict(row._mapping)
    return NearMiss(stream=Stream(values.pop("topic"), values.pop("target")), **values)
