"""Opening the store: SQLite in WAL mode by default, PostgreSQL beyond one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError

# What jobs and pages pass around or catch without speaking SQL themselves.
Transaction = sa.Connection
DatabaseFault = SQLAlchemyError

MIGRATIONS = Path(__file__).parent / "migrations"
MEMORY = ":memory:"  # SQLite's name for a store without a file


class Store:
    """A database that jobs, pages and commands share. Transactions are the only state."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @property
    def shown(self) -> str:
        """Its URL for people, without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction that may write; on SQLite it takes the write lock at once."""
        with self.engine.connect().execution_options(writes=True) as tx, tx.begin():
            yield tx

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent view."""
        with self.engine.connect() as tx, tx.begin():
            yield tx

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Connects, and brings the tables up to date.

    Raises StoreError, one line, where the database cannot be reached or is not ours.
    """
    try:
        known = sa.make_url(url)
        if known.drivername in ("postgres", "postgresql"):
            known = known.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(known, pool_pre_ping=known.get_backend_name() != "sqlite")
        if engine.dialect.name == "sqlite":
            _tune_sqlite(engine)
        _migrate(engine)
    except (SQLAlchemyError, ImportError, ValueError, OSError) as error:
        raise StoreError(_one_line(url, error)) from error
    return Store(engine)


def sqlite_name(url: str) -> str | None:
    """What the URL of a SQLite store names, MEMORY for no file; None for a server's, and for what
    is no URL: `open_store` says what is wrong with it."""
    try:
        known = sa.make_url(url)
    except SQLAlchemyError:
        return None
    return (known.database or MEMORY) if known.get_backend_name() == "sqlite" else None


def missing_file(url: str) -> Path | None:
    """The file of a SQLite store that is not there yet; None: it is, or the store is no file."""
    named = sqlite_name(url)
    if named is None or named == MEMORY or named.startswith("file:"):
        return None
    return None if Path(named).exists() else Path(named)


def _migrate(engine: sa.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        # Two daemons may start at once: SQLite's write lock or this advisory lock lets one pass.
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("select pg_advisory_xact_lock(3544061)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _tune_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=wal",
            "synchronous=normal",
            "foreign_keys=on",
            "busy_timeout=30000",
        ):
            raw.execute(f"pragma {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A read that later writes could lose the race for the lock and fail: writers take it first.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")


def _one_line(url: str, error: BaseException) -> str:
    shown = _without_password(url)
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return (
        f"store {shown}: cannot be opened: {reason}; "
        "check store.url, the folder's rights and that the server runs"
    )


def _without_password(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "(unreadable URL)"
