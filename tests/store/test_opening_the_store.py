"""Opening a store: what is there stays, what is none is refused, and times are instants."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_rows import add_feed

from monitor.errors import StoreError
from monitor.store import feeds
from monitor.store.engine import Store, missing_file, open_store
from monitor.store.feeds import NewFeed


def test_opening_twice_keeps_what_is_there(tmp_path: Path, noon: datetime) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    first = open_store(url)
    add_feed(first, noon)
    first.close()
    again = open_store(url)
    with again.read() as tx:
        assert [row.name for row in feeds.active(tx)] == ["Tidewater"]
    again.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/folder/x.db",
        "postgresql+psycopg://u:hush@127.0.0.1:1/x",
        "nonsense",
        "mysql://u@h/x",
    ],
)
def test_a_store_that_cannot_be_opened_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(StoreError) as told:
        open_store(url)
    assert "\n" not in str(told.value)
    assert "hush" not in str(told.value)
    assert "store.url" in str(told.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is a shopping list, not a database file at all" * 50)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{tmp_path / 'x.db'}")


@pytest.mark.parametrize(
    ("url", "missing"),
    [
        ("sqlite:///x.db", "x.db"),
        ("sqlite:////no/such/folder/x.db", "/no/such/folder/x.db"),
        ("sqlite:///there.db", None),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:x.db?mode=ro&uri=true", None),  # SQLite's own way to name one: it knows
        ("postgresql+psycopg://u@h/x", None),
        ("nonsense", None),
    ],
)
def test_what_is_missing_is_a_file_that_a_url_of_ours_names(
    url: str, missing: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.db").touch()
    assert missing_file(url) == (Path(missing) if missing else None)


def test_a_time_without_a_zone_never_reaches_the_store(store: Store) -> None:
    naive = datetime(2031, 3, 4)  # noqa: DTZ001
    with pytest.raises(Exception, match="without a zone"), store.write() as tx:
        feeds.add(tx, NewFeed("https://x.example", "x", "x", 300), "config", naive)


def test_times_come_back_as_utc_instants(store: Store, noon: datetime) -> None:
    add_feed(store, noon.astimezone())
    with store.read() as tx:
        due = feeds.active(tx)[0].due_at
    assert due == noon
    assert due.tzinfo is UTC
