"""Labelled stories written straight into a real store, and what the queue asks about them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.config import Settings
from monitor.review.serving import Item, next_item
from monitor.store import reviews
from monitor.store.engine import Store
from monitor.store.reviews import ReviewItem
from monitor.store.tables import NEVER, article, feed, label, story
from policy.types import SENTIMENTS, TOPICS, counts_as_negative

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAIN = Settings()
CHAMPION = "ck-champion"


def settings(**review: Any) -> Settings:
    return Settings.model_validate({"review": review})


def row(best: int, chance: float, labels: int) -> list[float]:
    """Probabilities: one label likely, the others alike."""
    rest = (1 - chance) / (labels - 1)
    return [chance if place == best else rest for place in range(labels)]


def add_stories(
    tx: Connection,
    count: int,
    first: int = 1,
    chance: float = 0.7,
    targets: Sequence[str] = (),
    seen: datetime = NOW - HOUR,
    copies: int = 1,
) -> list[int]:
    """`count` stories numbered from `first`, all as sure, each with a title of its own."""
    if first == 1:
        tx.execute(feed.insert().values(**_FEED))
    stories, articles, labels = [], [], []
    for number in range(first, first + count):
        title = f"headline{number} about matter{number} of place{number}"
        stories.append({"id": number, "title": title, "first_seen_at": seen})
        for copy in range(copies):
            id_ = number if not copy else 1_000_000 * copy + number
            articles.append(_article(id_, number, title if not copy else f"{title} again", seen))
            labels.extend(
                _label(id_, number, target, chance, seen, lead=not copy)
                for target in ("", *targets)
            )
    tx.execute(story.insert(), stories)
    tx.execute(article.insert(), articles)
    tx.execute(label.insert(), labels)
    return [one["id"] for one in stories]


_FEED = {
    "id": 1, "url": "https://wire.example/rss", "fetch_url": "https://wire.example/rss",
    "name": "Wire", "origin": "wire", "interval_s": 300, "source": "config",
    "due_at": NOW, "claimed_until": NEVER,
}  # fmt: skip


def _article(id_: int, story_id: int, title: str, seen: datetime) -> dict[str, Any]:
    return {
        "id": id_, "feed_id": 1, "guid_hash": str(id_), "guid": str(id_),
        "url": f"https://wire.example/{id_}", "title": title, "summary": "", "published_raw": "",
        "first_seen_at": seen, "language": "", "story_id": story_id, "origin": "wire",
        "labelled_at": seen, "claimed_until": NEVER,
    }  # fmt: skip


def _label(
    id_: int, story_id: int, target: str, chance: float, seen: datetime, lead: bool
) -> dict[str, Any]:
    topic, sentiment = story_id % 20, story_id % 3
    sentiments = row(sentiment, chance, 3)
    return {
        "article_id": id_, "target": target, "story_id": story_id, "topic": TOPICS[topic],
        "sentiment": SENTIMENTS[sentiment], "topic_probabilities": row(topic, chance, 20),
        "sentiment_probabilities": sentiments, "negative": counts_as_negative(sentiments),
        "checkpoint": CHAMPION, "tier": "cpu", "labelled_at": seen, "first_seen_at": seen,
        "lead": lead,
    }  # fmt: skip


def serve_kept(
    store: Store, analyst: str, times: int, given: Settings
) -> list[tuple[Item, ReviewItem]]:
    """Items as they are shown, each with what was kept of it."""
    rng = random.Random(f"3 {analyst}")
    found = []
    with store.write() as tx:
        for _ in range(times):
            item = next_item(tx, given, analyst, NOW, rng)
            if item is not None and (kept := reviews.get(tx, item.id)):
                found.append((item, kept))
    return found
