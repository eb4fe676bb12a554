"""A feed that was moved for good, and then not: its own address is asked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.store import feeds
from monitor.store.engine import Store
from monitor.store.feeds import FeedRow, NewFeed

HOURS = timedelta(hours=7)  # longer than any back-off


def only(store: Store) -> FeedRow:
    with store.read() as tx:
        (row,) = feeds.active(tx)
    return row


def test_a_feed_is_asked_at_its_own_address_when_the_one_it_was_moved_to_has_failed_for_long(
    world: Any, newsstand: Any, clock: Any, turn: Any
) -> None:
    newsstand.titles = {"tidewater": ["Mill burns in Orsk"]}
    newsstand.broken = {"moved": (410, b"gone")}
    with world() as context:
        at_home = only(context.store)
        moved = f"{newsstand.url}/moved"
        with context.store.write() as tx:
            feeds.record(tx, at_home.id, {"fetch_url": moved})
        for _ in range(3):
            turn(context, clock, HOURS)
        assert (only(context.store).failures, only(context.store).fetch_url) == (3, moved)
        turn(context, clock, HOURS)
        mended = only(context.store)
    assert (mended.state, mended.fetch_url) == ("ok", at_home.url)
    assert [name for name, _ in newsstand.asked] == ["moved"] * 3 + ["tidewater"]


@pytest.mark.parametrize("removed", [True, False])
def test_what_an_operator_adds_again_is_asked_at_its_own_address_at_once(
    sqlite_store: Store, noon: datetime, removed: bool
) -> None:
    new = NewFeed("https://t.example/m", "Tidewater", "t.example", 300)
    with sqlite_store.write() as tx:
        assert feeds.add(tx, new, "added", noon)
        far = {"fetch_url": "https://t.example/q", "due_at": noon + HOURS}
        feeds.record(tx, only_in(tx), far)
        if removed:
            feeds.remove(tx, new.url)
        assert feeds.add(tx, new, "added", noon) is removed
    row = only(sqlite_store)
    assert (row.fetch_url, row.due_at) == (new.url, noon)


def test_a_restart_does_not_forget_where_a_configured_feed_was_moved(
    sqlite_store: Store, noon: datetime
) -> None:
    new = NewFeed("https://t.example/m", "Tidewater", "t.example", 300)
    with sqlite_store.write() as tx:
        feeds.sync_configured(tx, [new], noon)
        feeds.record(tx, only_in(tx), {"fetch_url": "https://t.example/q"})
        feeds.sync_configured(tx, [new], noon)
        assert only_in(tx)
    assert only(sqlite_store).fetch_url == "https://t.example/q"


def test_a_start_frees_names_of_old_from_subscribers_keys(
    sqlite_store: Store, noon: datetime
) -> None:
    url = "https://t.example/m?token=hush"
    with sqlite_store.write() as tx:
        feeds.add(tx, NewFeed(url, url, "t.example", 300), "added", noon)
        feeds.sync_configured(tx, [], noon)
    row = only(sqlite_store)
    assert row.url == url
    assert row.name.startswith("https://t.example/m (")
    assert "hush" not in row.name


def only_in(tx: Any) -> int:
    (row,) = feeds.active(tx)
    return row.id
