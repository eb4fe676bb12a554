"""Insert where absent, in the words of either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def insert_or_ignore(
    tx: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]
) -> Sequence[sa.Row[Any]]:
    """Adds the rows whose keys are new; returns the primary keys of those added."""
    if not rows:
        return []
    statement = _insert(tx, table).on_conflict_do_nothing()
    return tx.execute(statement.returning(*table.primary_key.columns), list(rows)).all()


def insert_or_update(tx: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Adds each row, or overwrites the row that has its primary key."""
    if not rows:
        return
    statement = _insert(tx, table)
    keys = [column.name for column in table.primary_key.columns]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def _insert(tx: sa.Connection, table: sa.Table) -> Any:
    return (postgresql_insert if tx.dialect.name == "postgresql" else sqlite_insert)(table)
