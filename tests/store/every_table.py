"""Rows in every table that there is, of values that do not travel well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from monitor.store import tables_intake, tables_learning  # noqa: F401  (tables of metadata)
from monitor.store.tables import Utc, alert, metadata

ROWS = 3
_MOMENT = datetime(2031, 3, 4, 12, 0, 0, 123_456, tzinfo=UTC)
_TEXT = "Müller's “50 %” — 株価 📉 \\ \n; drop"


def fill_every_table(tx: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        rows = [{c.name: _value(c, n) for c in table.c} for n in range(1, ROWS + 1)]
        if table is alert:  # the first is a child of the last; one statement, so that it may be
            rows = [row | {"parent": None} for row in rows]
            rows[0]["parent"] = rows[-1]["id"]
            tx.execute(table.insert().values(rows))
        else:
            tx.execute(table.insert(), rows)


def every_row(tx: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """By table, in the order of their keys."""
    return {
        table.name: [tuple(row) for row in tx.execute(sa.select(table).order_by(*_key(table)))]
        for table in metadata.sorted_tables
    }


def _key(table: sa.Table) -> list[sa.Column[Any]]:
    return list(table.primary_key.columns)


def _value(column: sa.Column[Any], n: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, n)
    if isinstance(column.type, Utc):
        return _MOMENT + timedelta(hours=n)
    if isinstance(column.type, sa.Boolean):
        return n % 2 == 0
    if isinstance(column.type, sa.Integer):
        return n
    if isinstance(column.type, sa.Float):
        return n / 3
    if isinstance(column.type, sa.JSON):
        return {_TEXT: [n / 3, None, {"deep": "é"}]}
    if isinstance(column.type, sa.LargeBinary):
        return bytes(range(256)) * n
    assert isinstance(column.type, sa.Text), column
    return f"{column.name} {n} {_TEXT}"
