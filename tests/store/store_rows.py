"""Rows that the store's tests write: a feed, its items, their labels, an alert and its delivery."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.types import Alert, Budget, Copy, Delivery, Evidence, Story, Stream
from monitor.store import feeds, labels
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
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
