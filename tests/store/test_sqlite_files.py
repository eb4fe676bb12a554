"""SQLite's files: who has one open, what is wrong with one, and one put in another's place."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from store_rows import add_feed

from monitor.errors import StoreError
from monitor.store import feeds, sqlite_files
from monitor.store.engine import Store, open_store


def names(file: Path) -> list[str]:
    """The feeds in a store."""
    with closing(open_store(f"sqlite:///{file}")) as store, store.read() as tx:
        return [row.name for row in feeds.active(tx)]


def written(file: Path, now: datetime, name: str) -> Path:
    with closing(open_store(f"sqlite:///{file}")) as store:
        add_feed(store, now, name)
    sqlite_files.fold(file)
    return file


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////var/x.db", "/var/x.db"),
        ("sqlite:///x.db", str(Path.cwd() / "x.db")),
        ("postgresql+psycopg://u@h/x", None),
        ("nonsense", None),
    ],
)
def test_only_sqlite_is_a_file(url: str, file: str | None) -> None:
    assert sqlite_files.file_of(url) == (Path(file) if file else None)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="is no file"):
        sqlite_files.file_of(url)


def test_a_store_that_somebody_has_open_is_in_use_though_they_are_idle(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with sqlite_store.read() as tx:
        feeds.active(tx)
    with pytest.raises(StoreError, match="in use"), sqlite_files.alone_with(tmp_path / "store.db"):
        pass
    sqlite_store.close()
    with sqlite_files.alone_with(tmp_path / "store.db"):
        late = sqlite3.connect(tmp_path / "store.db", timeout=0)
        with closing(late), pytest.raises(sqlite3.OperationalError, match="locked"):
            late.execute("select * from feed")


def test_a_store_without_a_row_is_free_and_one_with_a_row_is_not(
    sqlite_store: Store, tmp_path: Path, noon: datetime
) -> None:
    assert not sqlite_files.is_occupied(tmp_path / "store.db")
    add_feed(sqlite_store, noon)
    assert sqlite_files.is_occupied(tmp_path / "store.db")


def test_what_cannot_be_read_is_occupied_and_so_is_a_log_without_its_file(tmp_path: Path) -> None:
    assert not sqlite_files.is_occupied(tmp_path / "x.db")
    (tmp_path / "x.db").write_bytes(b"a shopping list" * 100)
    assert sqlite_files.is_occupied(tmp_path / "x.db")
    (tmp_path / "y.db-wal").write_bytes(b"frames")
    assert sqlite_files.is_occupied(tmp_path / "y.db")


def test_what_was_there_keeps_its_content_under_another_name(
    tmp_path: Path, noon: datetime
) -> None:
    old, new = written(tmp_path / "x.db", noon, "Old"), written(tmp_path / "new", noon, "New")
    aside = sqlite_files.put(new, old, noon)
    assert aside == tmp_path / "x.db.before-20310304T120000Z"
    assert (names(old), names(aside)) == (["New"], ["Old"])
    assert not new.exists()


def test_a_store_in_use_is_not_replaced(
    sqlite_store: Store, tmp_path: Path, noon: datetime
) -> None:
    add_feed(sqlite_store, noon, "Old")
    new = written(tmp_path / "new", noon, "New")
    with pytest.raises(StoreError, match="in use"):
        sqlite_files.put(new, tmp_path / "store.db", noon)
    assert names(tmp_path / "store.db") == ["Old"]
    assert new.exists()


def test_the_log_of_a_store_that_is_gone_is_not_read_into_the_new_one(
    tmp_path: Path, noon: datetime
) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'old'}")) as old:
        add_feed(old, noon, "Old")
        shutil.copy(tmp_path / "old-wal", tmp_path / "x.db-wal")
    new = written(tmp_path / "new", noon, "New")
    aside = sqlite_files.put(new, tmp_path / "x.db", noon)
    assert names(tmp_path / "x.db") == ["New"]
    assert aside is not None
    assert Path(f"{aside}-wal").exists()


def test_a_wreck_can_be_replaced_and_is_kept(tmp_path: Path, noon: datetime) -> None:
    (tmp_path / "x.db").write_bytes(b"a shopping list" * 100)
    aside = sqlite_files.put(written(tmp_path / "new", noon, "New"), tmp_path / "x.db", noon)
    assert names(tmp_path / "x.db") == ["New"]
    assert aside is not None
    assert aside.read_bytes().startswith(b"a shopping list")


def _orphan(raw: sqlite3.Connection) -> None:
    raw.execute("insert into story_key values (1, 99, '2031-03-04')")


def _trigger(raw: sqlite3.Connection) -> None:
    raw.execute("create trigger sly after insert on feed begin delete from verdict; end")


def _half_index(raw: sqlite3.Connection) -> None:
    raw.execute("pragma writable_schema=on")
    raw.execute("update sqlite_master set rootpage = 2 where name = 'ix_feed_due_at'")


@pytest.mark.parametrize(
    ("change", "told"),
    [(_orphan, "refers to a story"), (_trigger, "holds sly"), (_half_index, ".")],
)
def test_an_unsound_store_is_told_with_what_is_wrong(
    tmp_path: Path, noon: datetime, change: Callable[[sqlite3.Connection], None], told: str
) -> None:
    file = written(tmp_path / "x.db", noon, "Old")
    assert sqlite_files.fault(file) == ""
    with closing(sqlite3.connect(file)) as raw:
        change(raw)
        raw.commit()
    fault = sqlite_files.fault(file)
    assert fault
    assert told in fault or told == "."
    assert "\n" not in fault


def test_a_file_cut_short_is_unsound(tmp_path: Path, noon: datetime) -> None:
    file = written(tmp_path / "x.db", noon, "Old")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert sqlite_files.fault(file)


def test_the_schemas_that_are_known_are_all_migrations_the_newest_first(
    sqlite_store: Store, tmp_path: Path
) -> None:
    known = sqlite_files.known_schemas()
    assert known[-1] == "0001"
    assert known == sorted(known, reverse=True)
    assert sqlite_files.schema_of(tmp_path / "store.db") == known[0]
    assert sqlite_files.schema_of(tmp_path / "nothing") == ""
