"""What becomes of deliveries that were given up: tried again, or dropped for good."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from monitor.store.tables import NEVER, delivery


def dead(tx: sa.Connection) -> list[tuple[str, str]]:
    """Id and receiver of every one, the oldest first."""
    query = sa.select(delivery.c.id, delivery.c.receiver).where(delivery.c.state == "dead")
    return [(row.id, row.receiver) for row in tx.execute(query.order_by(delivery.c.created_at))]


def revive(tx: sa.Connection, ids: Collection[str], now: datetime) -> None:
    """Due at once, with all attempts before them and the ids that they had."""
    tx.execute(
        delivery.update()
        .where(delivery.c.id.in_(ids), delivery.c.state == "dead")
        .values(state="pending", attempts=0, due_at=now, claimed_until=NEVER)
    )


def drop(tx: sa.Connection, ids: Collection[str]) -> None:
    """Never tried again, and no trouble any more; the rows stay with their alerts."""
    tx.execute(
        delivery.update()
        .where(delivery.c.id.in_(ids), delivery.c.state == "dead")
        .values(state="dropped")
    )
