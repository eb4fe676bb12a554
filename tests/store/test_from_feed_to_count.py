"""From feed to count: each item stored, labelled and counted once; on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from store_rows import CHANCES, HOUR, LEASE, add_feed, item, label_all

from alerts.types import Stream
from monitor.store import articles, detection, feeds, labels
from monitor.store.detection import Cursor, SqlLedger
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.stories import STORY_WINDOW
from monitor.types import Label
from policy.types import TOPICS


def test_a_feed_that_leaves_the_configuration_is_no_longer_polled(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        feeds.sync_configured(
            tx, [NewFeed("https://a", "a", "a", 9), NewFeed("https://b", "b", "b", 9)], noon
        )
        feeds.add(tx, NewFeed("https://c", "c", "c", 9), "added", noon)
        feeds.sync_configured(tx, [NewFeed("https://b", "b", "b", 9)], noon)
        assert [row.name for row in feeds.active(tx)] == ["b", "c"]


def test_a_claimed_feed_is_given_to_nobody_else_until_the_lease_runs_out(
    store: Store, noon: datetime
) -> None:
    add_feed(store, noon)
    with store.write() as tx:
        assert len(feeds.claim_due(tx, noon, LEASE, 10, 8)[0]) == 1
        assert feeds.claim_due(tx, noon, LEASE, 10, 8) == ([], False)
        assert len(feeds.claim_due(tx, noon + LEASE, LEASE, 10, 8)[0]) == 1


def test_a_round_takes_every_host_before_more_of_one_and_says_that_more_wait(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        for url in ("https://a/1", "https://a/2", "https://a/3", "https://b/1"):
            feeds.add(tx, NewFeed(url, url, "a", 300), "added", noon)
        first, more = feeds.claim_due(tx, noon, LEASE, 10, 2)
        assert ([row.url[8:] for row in first], more) == (["a/1", "a/2", "b/1"], True)
        feeds.give_back(tx, [row.id for row in first[:2]])
        again, more = feeds.claim_due(tx, noon, LEASE, 10, 8)
        assert ([row.url[8:] for row in again], more) == (["a/1", "a/2", "a/3"], False)


def test_an_item_seen_again_is_known_and_not_stored_twice(store: Store, noon: datetime) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        first = articles.add_items(tx, feed, "Tidewater", [item("Mill burns in Orsk")], noon)
        again = articles.add_items(tx, feed, "Tidewater", [item("Mill burns in Orsk")], noon)
    assert (first.new, first.known, first.stories) == (1, 0, 1)
    assert (again.new, again.known, again.stories) == (0, 1, 0)


def test_near_copies_from_two_outlets_are_one_story_with_two_origins(
    store: Store, noon: datetime
) -> None:
    one, two = add_feed(store, noon), add_feed(store, noon, "Granary")
    title = "Halvorsen Marine halts dividend after second quarterly loss"
    with store.write() as tx:
        articles.add_items(tx, one, "Tidewater", [item(title)], noon)
        added = articles.add_items(tx, two, "Granary", [item(f"UPDATE 1-{title} - Granary")], noon)
    assert added.stories == 0
    label_all(store, noon)
    with store.write() as tx:
        detection.place_labels(tx, noon, HOUR)
        assert detection.counts(tx, noon)[Stream()] == (1, 1)
        (story,) = SqlLedger(tx).stories(Stream(), noon, noon + HOUR)
        assert [copy.origin for copy in story.copies] == ["Tidewater", "Granary"]
        told = SqlLedger(tx).origins(Stream(), noon, noon + HOUR)
        assert told == {"Tidewater": 1, "Granary": 1}


def test_the_same_title_is_news_again_after_the_story_window(store: Store, noon: datetime) -> None:
    feed = add_feed(store, noon)
    later = noon + STORY_WINDOW + HOUR
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Rates are unchanged", "1")], noon)
        assert (
            articles.add_items(tx, feed, "T", [item("Rates are unchanged", "2")], later).stories
            == 1
        )


def test_a_killed_labeller_owes_its_articles_again_after_the_lease(
    store: Store, noon: datetime
) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("One"), item("Two")], noon)
        assert len(labels.claim(tx, noon, LEASE, 10)) == 2
        assert labels.claim(tx, noon, LEASE, 10) == []
        assert len(labels.claim(tx, noon + LEASE, LEASE, 10)) == 2
        assert labels.backlog(tx) == 2


def test_labelling_twice_changes_nothing(store: Store, noon: datetime) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("One")], noon)
        work = labels.claim(tx, noon, LEASE, 10)
    chances = (1.0, 0.0, 0.0)
    new = [
        Label(work[0].article_id, "", TOPICS[0], "negative", CHANCES, chances, "ck", "cpu", noon)
    ]
    for _ in range(2):  # as two daemons would whose leases overlapped
        with store.write() as tx:
            labels.add(tx, work, new, noon)
    with store.write() as tx:
        detection.place_labels(tx, noon, HOUR)
        assert detection.counts(tx, noon)[Stream()] == (1, 1)
        assert labels.backlog(tx) == 0


def test_a_label_that_comes_after_its_bin_has_closed_is_counted_in_the_open_one(
    store: Store, noon: datetime
) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Late")], noon - 3 * HOUR)
    label_all(store, noon)
    with store.write() as tx:
        detection.place_labels(tx, noon, HOUR)
        assert detection.counts(tx, noon)[Stream()] == (1, 1)


def test_a_watched_name_counts_what_is_said_of_it_and_topics_count_headlines(
    store: Store, noon: datetime
) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Orsk Steel sued")], noon)
    label_all(store, noon, target="Orsk Steel")
    with store.write() as tx:
        detection.place_labels(tx, noon, HOUR)
        assert detection.counts(tx, noon) == {
            Stream(): (1, 1),
            Stream(TOPICS[0]): (1, 1),
            Stream("", "Orsk Steel"): (1, 1),
            Stream(TOPICS[0], "Orsk Steel"): (1, 1),
        }


def test_the_cursor_begins_once_and_moves_on(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        first = Cursor(noon, HOUR, "ck")
        assert detection.cursor(tx, first) == first
        detection.set_cursor(tx, replace(first, open_bin=noon + HOUR))
        assert detection.cursor(tx, first).open_bin == noon + HOUR
