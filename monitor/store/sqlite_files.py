"""SQLite's files as files: whether one is sound, who has it open, one put in another's place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from monitor.errors import StoreError
from monitor.store.engine import MEMORY, MIGRATIONS, sqlite_name

_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file that is in use


def file_of(url: str) -> Path | None:
    """The file that a store's URL names; None for a server. Raises StoreError for neither."""
    named = sqlite_name(url)
    if named == MEMORY:
        raise StoreError(f"store {url}: is no file; name one: sqlite:///downdraft.db")
    return Path(named).absolute() if named else None


def schema_of(file: Path) -> str:
    """The migration that a copy is at; "" where it is no store."""
    try:
        with closing(sqlite3.connect(file)) as raw:
            row = raw.execute("select version_num from alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return ""
    return str(row[0]) if row else ""


def known_schemas() -> list[str]:
    """Every migration that this program knows, the newest first."""
    return [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def fault(file: Path) -> str:
    """What is wrong with a store's file, "" where it is sound. Reads all of it."""
    try:
        with closing(sqlite3.connect(file)) as raw:
            active = "select name from sqlite_master where type in ('trigger', 'view')"
            if row := raw.execute(active).fetchone():  # we make none; they would act on their own
                return f"holds {row[0]}, which is none of ours"
            said = raw.execute("pragma integrity_check(1)").fetchone()[0]
            orphan = raw.execute("pragma foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    if said != "ok":
        return " ".join(said.split())
    return f"a row of {orphan[0]} refers to a {orphan[2]} that is not there" if orphan else ""


def fold(file: Path) -> None:
    """All of it into the one file, so that it can be moved or copied; nobody else has it open."""
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("pragma journal_mode=delete")


def is_occupied(file: Path) -> bool:
    """Whether anything would be missed: rows, what cannot be read, or a log without its file."""
    if not file.exists():
        return any(each.exists() for each in _beside(file))
    try:
        with closing(sqlite3.connect(file)) as raw:
            tables = "select name from sqlite_master where type = 'table'"
            names = [row[0] for row in raw.execute(tables) if row[0] != "alembic_version"]
            return any(raw.execute(f'select 1 from "{one}" limit 1').fetchone() for one in names)
    except sqlite3.DatabaseError:
        return True


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Nobody else on this machine has the file open, or can, while the block runs.

    Raises StoreError where somebody has. Leaves no log beside a file that can be read.
    """
    if not file.exists():
        yield
        return
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as raw:
        try:
            # Only he may leave WAL mode who is alone with it: others count though they are idle.
            raw.execute("pragma journal_mode=delete")
            raw.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            raise StoreError(f"store {file}: is in use ({error}); stop the daemon first") from error
        except sqlite3.DatabaseError:
            pass  # a wreck, which nobody can use
        yield


def put(new: Path, file: Path, now: datetime) -> Path | None:
    """`new` takes the place of `file` at one stroke; what was there keeps its content elsewhere.

    Returns where, None where nothing was there. Raises StoreError where it is in use.
    """
    aside = file.with_name(f"{file.name}.before-{now:%Y%m%dT%H%M%SZ}")
    with alone_with(file):
        there = file.exists()
        if there:
            _second_name(file, aside)
        logs = [each for each in _beside(file) if each.exists()]  # of a wreck, or of no file
        for each in logs:  # SQLite would read them into the new file
            each.replace(aside.with_name(each.name.replace(file.name, aside.name, 1)))
        new.replace(file)
    return aside if there or logs else None


def _beside(file: Path) -> list[Path]:
    return [file.with_name(file.name + end) for end in _BESIDE]


def _second_name(file: Path, name: Path) -> None:
    """So that there is a file under the old name at any time."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise StoreError(f"{name}: is there already; try again in a second") from None
    except OSError:  # a file system that knows no second names
        shutil.copy2(file, name)
