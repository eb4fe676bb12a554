"""A store copied as a whole: from either database, into either, while somebody writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from every_table import ROWS, every_row, fill_every_table

from monitor.errors import StoreError
from monitor.store import copying, sqlite_files
from monitor.store.engine import Store, open_store
from monitor.store.tables import metadata, story, story_key
from monitor.store.tables_learning import verdict


@pytest.fixture
def empty(postgresql_url: str, tmp_path: Path) -> Iterator[Store]:
    """A second PostgreSQL database."""
    import psycopg

    name = f"second_{abs(hash(tmp_path.name)) % 10**12}"
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    opened = open_store(f"{postgresql_url.rsplit('/', 1)[0]}/{name}")
    yield opened
    opened.close()


@contextmanager
def copied(store: Store, file: Path) -> Iterator[Store]:
    copying.copy_into_file(store, file)
    with closing(open_store(f"sqlite:///{file}")) as copy:
        yield copy


def test_every_row_of_every_table_is_in_the_copy_bit_by_bit(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        fill_every_table(tx)
    with copied(store, tmp_path / "copy") as copy:
        with store.read() as before, copy.read() as after:
            assert every_row(after) == every_row(before)
            assert all(len(rows) == ROWS for rows in every_row(after).values())
            assert copying.counts(after) == copying.Counts(ROWS, ROWS, ROWS)
        assert sqlite_files.fault(tmp_path / "copy") == ""


def test_a_copy_goes_into_an_empty_postgresql_bit_by_bit(
    store: Store, empty: Store, tmp_path: Path
) -> None:
    with store.write() as tx:
        fill_every_table(tx)
    with copied(store, tmp_path / "copy") as copy:
        copying.fill(empty, copy)
    with store.read() as before, empty.read() as after:
        assert every_row(after) == every_row(before)


def test_the_copied_tables_are_all_that_the_migrations_make(store: Store) -> None:
    made = set(sa.inspect(store.engine).get_table_names()) - {"alembic_version"}
    assert made == set(metadata.tables)


def test_new_rows_are_numbered_after_those_that_were_copied(
    sqlite_store: Store, empty: Store, tmp_path: Path
) -> None:
    with sqlite_store.write() as tx:
        fill_every_table(tx)
    with copied(sqlite_store, tmp_path / "copy") as copy:
        copying.fill(empty, copy)
    with empty.write() as tx:
        (first,) = every_row(tx)["verdict"][:1]
        new = dict(zip(verdict.c.keys(), first, strict=True)) | {"id": "new"}
        del new["number"]
        tx.execute(verdict.insert(), [new])
        assert tx.execute(sa.select(sa.func.max(verdict.c.number))).scalar() == ROWS + 1


def test_a_postgresql_that_holds_a_row_is_left_as_it_is(
    sqlite_store: Store, empty: Store, tmp_path: Path, noon: datetime
) -> None:
    with sqlite_store.write() as tx:
        fill_every_table(tx)
    with empty.write() as tx:
        tx.execute(story.insert(), [{"title": "ours", "first_seen_at": noon}])
        before = every_row(tx)
    with (
        copied(sqlite_store, tmp_path / "copy") as copy,
        pytest.raises(StoreError, match="not empty"),
    ):
        copying.fill(empty, copy)
    with empty.read() as tx:
        assert every_row(tx) == before


def test_a_copy_that_breaks_off_half_way_leaves_postgresql_empty(
    sqlite_store: Store, empty: Store, tmp_path: Path
) -> None:
    with sqlite_store.write() as tx:
        fill_every_table(tx)
    copying.copy_into_file(sqlite_store, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as raw:
        raw.execute("update delivery set alert_id = 'nobody'")  # one of the last tables
        raw.commit()
    with (
        closing(open_store(f"sqlite:///{tmp_path / 'copy'}")) as copy,
        pytest.raises(StoreError, match="cannot be copied") as told,
    ):
        copying.fill(empty, copy)
    assert "\n" not in str(told.value)
    with empty.read() as tx:
        assert copying.is_empty(tx)


class Writer:
    """Commits stories with two keys each, in pairs, until it is told to stop."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.committed = 0
        self._store, self._now = store, now
        self._stop, self._first = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Writer:
        self._thread.start()
        assert self._first.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._stop.is_set():
            with self._store.write() as tx:
                id_, at = self.committed + 1, self._now + timedelta(seconds=self.committed)
                tx.execute(story.insert(), [{"id": id_, "title": "x" * 500, "first_seen_at": at}])
                keys = [{"key": key, "story_id": id_, "seen_at": at} for key in (-id_, id_)]
                tx.execute(story_key.insert(), keys)
            self.committed += 1
            self._first.set()


def test_beside_a_writer_a_copy_is_what_was_committed_and_nothing_half(
    store: Store, tmp_path: Path, noon: datetime
) -> None:
    with Writer(store, noon) as writer:
        for number in range(6):
            before = writer.committed
            with copied(store, tmp_path / f"copy {number}") as copy, copy.read() as tx:
                stories = tx.execute(sa.select(sa.func.count()).select_from(story)).scalar_one()
                keys = tx.execute(sa.select(sa.func.count()).select_from(story_key)).scalar_one()
                newest = tx.execute(sa.select(sa.func.max(story.c.id))).scalar_one()
            assert stories >= before
            assert (stories, keys) == (newest, 2 * newest)
            assert sqlite_files.fault(tmp_path / f"copy {number}") == ""
        during = writer.committed
    assert during > 6, "the writer went on while copies were made"
