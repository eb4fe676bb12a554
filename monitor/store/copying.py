"""The whole store, copied: into a SQLite file while others write, or into an empty PostgreSQL.

A copy is always a SQLite file, whichever database it is of, so that it goes back into either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError
from monitor.store import tables_intake  # noqa: F401  (a table of metadata)
from monitor.store.engine import Store, open_store
from monitor.store.tables import alert, article, metadata
from monitor.store.tables_learning import verdict

_BATCH = 2_000  # rows in memory at a time


@dataclass(frozen=True, slots=True)
class Counts:
    """What people count a store by."""

    articles: int
    alerts: int
    verdicts: int


def counts(tx: sa.Connection) -> Counts:
    of = (sa.select(sa.func.count()).select_from(table) for table in (article, alert, verdict))
    return Counts(*(int(tx.execute(query).scalar_one()) for query in of))


def schema(tx: sa.Connection) -> str:
    """The migration that the tables are at."""
    return MigrationContext.configure(tx).get_current_revision() or ""


def is_empty(tx: sa.Connection) -> bool:
    return all(tx.execute(sa.select(table).limit(1)).first() is None for table in _tables())


def copy_into_file(store: Store, file: Path) -> None:
    """Everything that was committed when it began, and nothing half; nobody waits for it.

    Raises StoreError where that fails: the disk is full, say.
    """
    with _in_one_line(store):
        if store.engine.dialect.name == "sqlite":
            _copy_pages(store, file)
        else:
            _copy_all_rows(store, file)


def _copy_all_rows(store: Store, file: Path) -> None:
    with (
        closing(open_store(f"sqlite:///{file}")) as copy,
        _frozen(store) as of,
        copy.write() as into,
    ):
        _copy_rows(of, into)


def fill(empty: Store, copy: Store) -> None:
    """All rows of a copy, in one transaction. Raises StoreError where `empty` is not."""
    with _in_one_line(empty), copy.read() as of, empty.write() as into:
        name = into.dialect.identifier_preparer.format_table
        names = ", ".join(name(table) for table in _tables())
        into.exec_driver_sql(f"lock table {names} in exclusive mode")  # readers go on
        refuse_rows(into)
        _copy_rows(of, into)
        _number_on(into)


def refuse_rows(tx: sa.Connection) -> None:
    """Raises StoreError, one line, where there are any."""
    if not is_empty(tx):
        raise StoreError(
            f"store {Store(tx.engine).shown}: is not empty, and a PostgreSQL database is"
            " never overwritten; create an empty one and name it as store.url"
        )


@contextmanager
def _in_one_line(store: Store) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, store.engine.dialect.loaded_dbapi.Error) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreError(f"store {store.shown}: cannot be copied: {reason}; try again") from error


def _copy_pages(store: Store, file: Path) -> None:
    with closing(sqlite3.connect(file)) as copy, store.engine.connect() as connection:
        pages = connection.connection.driver_connection
        assert isinstance(pages, sqlite3.Connection)
        # In one step, under one read lock, which WAL's writers do not heed. A copy in several
        # steps begins anew whenever somebody writes: beside a busy daemon it would never end.
        pages.backup(copy)


@contextmanager
def _frozen(store: Store) -> Iterator[sa.Connection]:
    """PostgreSQL as it is at the first look."""
    connection = store.engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with connection as tx, tx.begin():
        yield tx


def _copy_rows(of: sa.Connection, into: sa.Connection) -> None:
    for table in _tables():
        rows = of.execute(_parents_first(table), execution_options={"yield_per": _BATCH})
        _add(into, table, _as_bound(into.dialect, table, rows))


def _as_bound(
    dialect: sa.Dialect, table: sa.Table, rows: Iterable[sa.Row[Any]]
) -> Iterator[tuple[Any, ...]]:
    """Values as the database's driver takes them, past SQLAlchemy's statements: twice as quick."""
    ways = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.c]
    for row in rows:
        yield tuple(way(value) if way else value for way, value in zip(ways, row, strict=True))


def _add(into: sa.Connection, table: sa.Table, rows: Iterator[tuple[Any, ...]]) -> None:
    quote = into.dialect.identifier_preparer
    names = ", ".join(quote.format_column(column) for column in table.c)
    target = f"{quote.format_table(table)} ({names})"
    if into.dialect.name == "postgresql":
        driver: Any = into.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"copy {target} from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        return
    values = ", ".join("?" for _ in table.c)
    while some := list(islice(rows, _BATCH)):
        into.exec_driver_sql(f"insert into {target} values ({values})", some)


def _parents_first(table: sa.Table) -> sa.Select[tuple[object, ...]]:
    """An alert may point to another, which has to be there."""
    own = (c for c in table.c if any(key.column.table is table for key in c.foreign_keys))
    return sa.select(table).order_by(*(column.is_not(None) for column in own))


def _number_on(tx: sa.Connection) -> None:
    """New rows are numbered after those that were copied."""
    for table in _tables():
        column = table.autoincrement_column
        if column is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            after = sa.func.coalesce(sa.func.max(column), 0) + 1
            tx.execute(sa.select(sa.func.setval(sequence, after, False)).select_from(table))


def _tables() -> list[sa.Table]:
    """Those that others refer to first."""
    return metadata.sorted_tables
