"""What the companions keep in the store, and what they are told of feeds and listening."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.outcome import Counted
from alerts.types import Evidence, Stream
from monitor.store import articles, companions, detection, feeds, labels, retention
from monitor.store.companions import PositiveLedger
from monitor.store.engine import Store, Transaction
from monitor.store.feeds import NewFeed
from monitor.types import Item, Label
from policy.types import TOPICS

HOUR = timedelta(hours=1)
TOPIC = Stream(TOPICS[0])


def add_feed(tx: Transaction, name: str, now: datetime, url: str = "") -> int:
    url = url or f"https://{name}.example/feed"
    feeds.add(tx, NewFeed(url, name, name, 300), "config", now)
    return next(row.id for row in feeds.active(tx) if row.url == url)


def tell(tx: Transaction, feed: int, title: str, at: datetime) -> None:
    item = Item(title, f"https://x.example/{title}", title, "", "", None, "", "")
    articles.add_items(tx, feed, "outlet", [item], at)


def label_all(tx: Transaction, now: datetime, chances: tuple[float, float, float]) -> None:
    work = labels.claim(tx, now, HOUR, 100)
    topics = tuple([1.0] + [0.0] * 19)
    new = [
        Label(w.article_id, "", TOPICS[0], "neutral", topics, chances, "ck", "cpu", now)
        for w in work
    ]
    labels.add(tx, work, new, now)


def test_states_come_back_by_kind_stream_and_feed(store: Store) -> None:
    packed = {(Stream(), ""): b"whole", (Stream(), "Tidewater"): b"feed", (TOPIC, ""): b"topic"}
    with store.write() as tx:
        companions.set_states(tx, "coverage_hole", packed)
        companions.set_states(tx, "negative_volume", {(Stream(), ""): b"other"})
        assert companions.states(tx, "coverage_hole") == packed
        detection.set_states(tx, {Stream(): b"share"})
        companions.forget_states(tx)
        assert companions.states(tx, "coverage_hole") == {}
        assert detection.states(tx) == {}


def test_bins_of_a_silence_are_kept_and_pruned(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        add_feed(tx, "Tidewater", noon)
        judged = [
            Evidence(Stream(), noon + i * HOUR, HOUR, i, 0, 0.2, 1.5 * i, 0.5, 4.0)
            for i in range(3)
        ]
        companions.keep_bins(tx, [Counted("coverage_hole", "Tidewater", one) for one in judged])
        about = ("coverage_hole", Stream(), "Tidewater")
        assert companions.bins_of(tx, *about, noon, noon + HOUR) == judged[:2]
        assert companions.bins_of(tx, "coverage_hole", Stream(), "", noon, noon + HOUR) == []
        retention.remove_before(tx, noon + 2 * HOUR, 10)
        assert companions.bins_of(tx, *about, noon, noon + 9 * HOUR) == judged[2:]


def test_a_bin_counts_as_heard_where_a_feed_answered_in_it_and_shortly_before(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        feed = add_feed(tx, "Tidewater", noon)
        for hour in (0, 1, 4, 5):
            at = noon + hour * HOUR + timedelta(minutes=20)
            feeds.record(tx, feed, {"last_ok_at": at})
            companions.remember_heard(tx, noon, HOUR)
        heard = [companions.heard(tx, noon + hour * HOUR, HOUR) for hour in range(7)]
    assert heard == [False, True, False, False, False, True, False]


def test_a_feed_is_unread_until_something_of_it_is_known(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        old, new = add_feed(tx, "Tidewater", noon), add_feed(tx, "Granary", noon)
        tell(tx, old, "Mill burns in Orsk", noon - HOUR)
        tell(tx, old, "Port of Varna reopens after strike", noon)
        tell(tx, new, "Granary Union posts record harvest", noon)
        assert companions.unread(tx, noon) == {new}
        assert companions.unread(tx, noon + HOUR) == set()
        assert companions.arrivals(tx, noon, noon + HOUR) == {old: 1, new: 1}
        assert companions.articles_of(tx, "Tidewater", noon - HOUR, noon + HOUR) == 2


def test_stories_are_carried_by_the_feed_that_had_them_first(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        first, late = add_feed(tx, "Tidewater", noon), add_feed(tx, "Granary", noon)
        tell(tx, first, "Halvorsen Marine halts dividend after second loss", noon)
        tell(tx, late, "Halvorsen Marine halts dividend after second loss", noon)
        tell(tx, late, "Port of Varna reopens after strike", noon)
        label_all(tx, noon, (0.1, 0.2, 0.7))
        detection.place_labels(tx, noon, HOUR)
        assert companions.carried(tx, noon, noon + HOUR) == {
            Stream(): {"Tidewater": 1, "Granary": 1},
            TOPIC: {"Tidewater": 1, "Granary": 1},
        }


def test_positive_is_counted_where_it_is_the_likeliest_whatever_was_chosen(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        feed = add_feed(tx, "Tidewater", noon)
        for number, chances in enumerate(((0.1, 0.2, 0.7), (0.5, 0.0, 0.5), (0.2, 0.5, 0.3))):
            titles = ("Mill burns in Orsk", "Varna port reopens", "Judges meet over patents")
            tell(tx, feed, titles[number], noon)
            label_all(tx, noon, chances)
        detection.place_labels(tx, noon, HOUR)
        assert companions.positives(tx, noon)[TOPIC] == (3, 1)
        stories = PositiveLedger(tx).stories(TOPIC, noon, noon + HOUR)
        assert [story.negative for story in stories] == [True, False, False]
        assert stories[0].probability_negative == 0.7
        assert sum(PositiveLedger(tx).origins(TOPIC, noon, noon + HOUR).values()) == 3


def test_a_bin_that_catches_up_on_labels_is_known_as_such(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        feed = add_feed(tx, "Tidewater", noon)
        tell(tx, feed, "Mill burns in Orsk", noon - 9 * HOUR)
        label_all(tx, noon, (1.0, 0.0, 0.0))
        detection.place_labels(tx, noon, HOUR)
        assert companions.counted_late(tx, noon)
        assert not companions.counted_late(tx, noon - HOUR)
