"""The store: opening, and what every table promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.types import Alert, Budget, Copy, Delivery, Evidence, Story, Stream
from monitor.errors import StoreError
from monitor.store import (
    alerts,
    articles,
    bins,
    detection,
    feeds,
    labels,
    retention,
    runs,
)
from monitor.store.detection import Cursor, SqlLedger
from monitor.store.engine import Store, open_store
from monitor.store.feeds import NewFeed
from monitor.stories import STORY_WINDOW
from monitor.types import Item, Label
from policy.types import TOPICS

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=5)
CHANCES = tuple([1.0] + [0.0] * 19)


def item(title: str, guid: str = "", publisher: str = "") -> Item:
    return Item(
        guid or title, f"https://x.example/{guid or title}", title, "", "", None, "", publisher
    )


def add_feed(store: Store, now: datetime, name: str = "Tidewater") -> int:
    with store.write() as tx:
        feeds.add(tx, NewFeed(f"https://{name}.example/feed", name, name, 300), "config", now)
        return next(row.id for row in feeds.active(tx) if row.name == name)


def label_all(store: Store, now: datetime, sentiment: str = "negative", target: str = "") -> None:
    with store.write() as tx:
        work = labels.claim(tx, now, LEASE, 100)
        targets = ["", target] if target else [""]
        chances = (1.0, 0.0, 0.0) if sentiment == "negative" else (0.0, 1.0, 0.0)
        new = [
            Label(w.article_id, t, TOPICS[0], sentiment, CHANCES, chances, "ck", "cpu", now)
            for w in work
            for t in targets
        ]
        labels.add(tx, work, new, now)


def an_alert(now: datetime) -> Alert:
    stream = Stream("Macro")
    story = Story(1, "Mill burns", now, True, 0.9, 1.5, (Copy("Tidewater", "https://x", now),))
    evidence = Evidence(stream, now, HOUR, 9, 8, 0.2, 9.1, 2.0)
    budget = Budget(1.0, 29, 4872.0, 168.0)
    return Alert(
        "a1", stream, "negative_share", "warning", "firing", now, now, evidence, 9, 8, 0.2,
        (story,), "ck", budget,
    )  # fmt: skip


def a_delivery(now: datetime) -> Delivery:
    return Delivery("msg_1", "a1", "desk", "firing", "pending", 0, now, now)


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
        assert len(feeds.claim_due(tx, noon, LEASE, 10)) == 1
        assert feeds.claim_due(tx, noon, LEASE, 10) == []
        assert len(feeds.claim_due(tx, noon + LEASE, LEASE, 10)) == 1


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
        }


def test_the_cursor_begins_once_and_moves_on(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        first = Cursor(noon, HOUR, "ck")
        assert detection.cursor(tx, first) == first
        detection.set_cursor(tx, replace(first, open_bin=noon + HOUR))
        assert detection.cursor(tx, first).open_bin == noon + HOUR


def test_an_alert_comes_back_as_it_was_written(store: Store, noon: datetime) -> None:
    alert, delivery = an_alert(noon), a_delivery(noon)
    with store.write() as tx:
        assert alerts.open_new(tx, alert, [delivery])
    with store.read() as tx:
        assert alerts.get(tx, "a1") == alert
        assert alerts.deliveries(tx, "a1") == [delivery]
        assert alerts.firing(tx) == [alert]


def test_an_alert_raised_by_two_daemons_is_opened_once(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        assert alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        assert not alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        assert len(alerts.deliveries(tx, "a1")) == 1


def test_alert_and_deliveries_are_written_together_or_not_at_all(
    store: Store, noon: datetime
) -> None:
    bad = replace(a_delivery(noon), alert_id="no such alert")
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [bad])
    with store.read() as tx:
        assert alerts.get(tx, "a1") is None


def test_a_resolved_alert_no_longer_fires(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [])
        alerts.update(tx, replace(an_alert(noon), status="resolved", resolved_at=noon + HOUR))
        assert alerts.firing(tx) == []
        assert alerts.latest(tx, 5)[0].resolved_at == noon + HOUR


def test_a_delivery_claimed_by_a_killed_daemon_falls_due_again(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        assert alerts.claim_due(tx, noon, LEASE, 5) == [a_delivery(noon)]
        assert alerts.claim_due(tx, noon, LEASE, 5) == []
        assert alerts.claim_due(tx, noon + LEASE, LEASE, 5) == [a_delivery(noon)]


def test_a_sent_delivery_is_never_claimed_again(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        alerts.record_attempt(tx, replace(a_delivery(noon), state="sent", attempts=1))
        assert alerts.claim_due(tx, noon + HOUR, LEASE, 5) == []
        assert alerts.pending_count(tx) == 0


def test_dead_deliveries_are_listed(store: Store, noon: datetime) -> None:
    dead = replace(a_delivery(noon), state="dead", attempts=12, last_error="410 Gone")
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        alerts.record_attempt(tx, dead)
        assert alerts.dead_deliveries(tx) == [dead]


def test_pruning_removes_old_articles_and_keeps_alerts_and_what_is_owed(
    store: Store, noon: datetime
) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Old news of the harbour")], noon)
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
    label_all(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Unlabelled yet")], noon)
        assert retention.remove_before(tx, noon + HOUR, 100) == 1
        assert retention.remove_before(tx, noon + HOUR, 100) == 0
        assert labels.backlog(tx) == 1
        assert alerts.get(tx, "a1") is not None


def test_a_job_keeps_its_last_success_beside_its_last_error(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        runs.succeeded(tx, "poll", noon)
        runs.failed(tx, "poll", "KeyError: x", noon + HOUR)
        (run,) = runs.latest(tx)
    assert (run.last_success_at, run.last_error_at) == (noon, noon + HOUR)


def test_a_tally_adds_up_the_bins_of_one_stream_and_span(store: Store, noon: datetime) -> None:
    def judged(stream: Stream, start: datetime, stories: int, negatives: int) -> Evidence:
        return Evidence(stream, start, HOUR, stories, negatives, 0.2, 1.0, 0.5)

    macro = Stream("Macro")
    with store.write() as tx:
        bins.keep(
            tx,
            [judged(macro, noon + i * HOUR, 5, i) for i in range(4)]
            + [judged(Stream(), noon + HOUR, 9, 9)],
        )
        bins.keep(tx, [judged(macro, noon + HOUR, 7, 2)])  # the open bin again
        assert bins.tally(tx, macro, noon + HOUR, noon + 3 * HOUR) == (4, 12)
