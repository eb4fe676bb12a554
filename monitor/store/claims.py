"""Leases: how a daemon takes work so that no other takes it too, and a dead one keeps none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa


def claim(
    tx: sa.Connection,
    table: sa.Table,
    due: sa.ColumnElement[bool],
    order: Sequence[sa.Column[Any]],
    fields: Sequence[sa.Column[Any]],
    now: datetime,
    lease: timedelta,
    limit: int,
) -> list[tuple[Any, ...]]:
    """Takes up to `limit` due rows, first in `order` first, until the lease runs out.

    Returns `fields` of the rows taken, in no order. Works on tables with `id` and `claimed_until`.
    """
    free = (
        sa.select(table.c.id)
        .where(due, table.c.claimed_until <= now)
        .order_by(*order)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    take = table.update().where(table.c.id.in_(free.scalar_subquery()))
    rows = tx.execute(take.values(claimed_until=now + lease).returning(*fields))
    return [tuple(row) for row in rows]
