"""Several daemons on one PostgreSQL: what two of them write at the same moment is counted once.

SQLite lets one write at a time, so nothing of this can happen there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import text
from store_rows import CHANCES, HOUR, LEASE, add_feed, item

from alerts.types import Stream
from monitor.store import articles, detection, labels
from monitor.store.engine import DatabaseFault, Store, Transaction, open_store
from monitor.store.labels import Unlabelled
from monitor.types import Label
from policy.types import TOPICS

TITLE = "Halvorsen Marine halts dividend after second quarterly loss"


@pytest.fixture
def shared(postgresql_database: str) -> Iterator[Store]:
    opened = open_store(postgresql_database)
    yield opened
    opened.close()


def in_no_time(tx: Transaction) -> Transaction:
    """Whoever would have to wait for another says so at once."""
    tx.execute(text("set local lock_timeout = '50ms'"))
    return tx


def labelled(tx: Transaction, row: Unlabelled, now: datetime) -> None:
    chances = (1.0, 0.0, 0.0)
    one = Label(row.article_id, "", TOPICS[0], "negative", CHANCES, chances, "ck", "cpu", now)
    labels.add(tx, [row], [one], now)


def test_two_copies_of_a_story_labelled_at_once_are_counted_once(
    shared: Store, noon: datetime
) -> None:
    for name in ("Tidewater", "Granary"):
        feed = add_feed(shared, noon, name)
        with shared.write() as tx:
            articles.add_items(tx, feed, name, [item(TITLE)], noon)
    with shared.write() as tx:
        mine, theirs = labels.claim(tx, noon, LEASE, 10)
    with shared.write() as tx:
        labelled(tx, mine, noon)
        with pytest.raises(DatabaseFault, match="lock timeout"), shared.write() as other:
            labelled(in_no_time(other), theirs, noon)
    with shared.write() as tx:
        labelled(tx, theirs, noon)
        detection.place_labels(tx, noon, HOUR)
        assert detection.counts(tx, noon)[Stream()] == (1, 1)


def test_labels_of_different_stories_do_not_wait_for_each_other(
    shared: Store, noon: datetime
) -> None:
    feed = add_feed(shared, noon)
    with shared.write() as tx:
        articles.add_items(tx, feed, "T", [item("Mill burns in Orsk"), item("Rates rise")], noon)
        mine, theirs = labels.claim(tx, noon, LEASE, 10)
    with shared.write() as tx:
        labelled(tx, mine, noon)
        with shared.write() as other:
            labelled(in_no_time(other), theirs, noon)
    with shared.read() as tx:
        assert labels.backlog(tx) == 0


def test_a_copy_comes_in_while_its_story_is_labelled(shared: Store, noon: datetime) -> None:
    one, two = add_feed(shared, noon), add_feed(shared, noon, "Granary")
    with shared.write() as tx:
        articles.add_items(tx, one, "T", [item(TITLE)], noon)
        (work,) = labels.claim(tx, noon, LEASE, 10)
    with shared.write() as tx:
        labelled(tx, work, noon)
        with shared.write() as other:
            added = articles.add_items(in_no_time(other), two, "G", [item(TITLE)], noon)
    assert (added.new, added.stories) == (1, 0)


def test_a_headline_that_two_feeds_bring_at_once_is_one_story(
    shared: Store, noon: datetime
) -> None:
    one, two = add_feed(shared, noon), add_feed(shared, noon, "Granary")
    with shared.write() as tx:
        articles.add_items(tx, one, "T", [item(TITLE)], noon)
        with pytest.raises(DatabaseFault, match="lock timeout"), shared.write() as other:
            articles.add_items(in_no_time(other), two, "G", [item(TITLE)], noon)
    with shared.write() as tx:
        assert articles.add_items(tx, two, "G", [item(TITLE)], noon).stories == 0
