"""What the detector counts: belief, whatever label the policy chose; on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alerts.types import Stream
from monitor.store import articles, detection, feeds, labels
from monitor.store.detection import SqlLedger
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.types import Item, Label
from policy.types import TOPICS

HOUR = timedelta(hours=1)
MACRO = tuple(float(topic == "Macro") for topic in TOPICS)


def label_one(
    store: Store, now: datetime, chosen: str, chances: tuple[float, ...], topic: str = "Macro"
) -> None:
    """One article with a label on the whole and one on Orsk Steel, in the bin of `now`."""
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://x.example", "x", "x", 300), "config", now)
        (feed,) = feeds.active(tx)
        item = Item("1", "https://x.example/1", "Orsk Steel sued", "", "", None, "")
        articles.add_items(tx, feed.id, "x", [item], now)
        work = labels.claim(tx, now, HOUR, 9)
        new = [
            Label(work[0].article_id, target, topic, chosen, MACRO, chances, "ck", "cpu", now)
            for target in ("", "Orsk Steel")
        ]
        labels.add(tx, work, new, now)
        detection.place_labels(tx, now, HOUR)


@pytest.mark.parametrize(
    ("chosen", "chances", "negatives"),
    [
        ("negative", (0.40, 0.45, 0.15), 0),  # chosen out of caution, not believed
        ("neutral", (0.45, 0.40, 0.15), 1),
        ("negative", (0.80, 0.15, 0.05), 1),
    ],
)
def test_the_likeliest_sentiment_is_counted_and_not_the_one_chosen(
    store: Store, noon: datetime, chosen: str, chances: tuple[float, ...], negatives: int
) -> None:
    label_one(store, noon, chosen, chances)
    streams = (
        Stream(), Stream("Macro"), Stream("", "Orsk Steel"), Stream("Macro", "Orsk Steel"),
    )  # fmt: skip
    with store.read() as tx:
        assert detection.counts(tx, noon) == dict.fromkeys(streams, (1, negatives))
        for stream in streams:
            (told,) = SqlLedger(tx).stories(stream, noon, noon + HOUR)
            assert told.negative is bool(negatives)
            assert told.probability_negative == chances[0]


def test_a_story_is_counted_in_the_stream_of_the_topic_chosen(store: Store, noon: datetime) -> None:
    label_one(store, noon, "negative", (0.8, 0.15, 0.05), topic="Earnings")
    with store.read() as tx:
        assert set(detection.counts(tx, noon)) == {
            Stream(), Stream("Earnings"), Stream("", "Orsk Steel"),
            Stream("Earnings", "Orsk Steel"),
        }  # fmt: skip
