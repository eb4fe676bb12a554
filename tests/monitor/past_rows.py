"""A store with a past: labelled stories, some hours of them bad, written straight into its tables.

Also for measuring: python tests/bench/bench_what_if.py writes 200,000 of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection

from monitor.store.tables import NEVER, article, feed, label, story
from policy.types import TOPICS

BEGIN = datetime(2031, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "Orsk Steel"


@dataclass(frozen=True)
class Past:
    """`per_hour` stories an hour for `days`, 15 % of them bad; on `crisis_day` from 8 to 16 they
    are all bad and all about NAME."""

    days: int
    per_hour: int
    crisis_day: int
    topics: tuple[str, ...]

    def is_crisis(self, hour: int) -> bool:
        return hour // 24 == self.crisis_day and 8 <= hour % 24 < 16


def write(tx: Connection, past: Past) -> int:
    """Returns how many labels were written."""
    tx.execute(feed.insert().values(_feed()))
    stories, articles, labels = [], [], []
    for number, (seen, bad, topic, name) in enumerate(_told(past), start=1):
        title = f"{name or 'Ferry'} board meets for the {number}th time"
        stories.append({"id": number, "title": title, "first_seen_at": seen})
        articles.append(_article(number, title, seen))
        labels += [_label(number, target, topic, bad, seen) for target in dict.fromkeys(("", name))]
    tx.execute(story.insert(), stories)
    tx.execute(article.insert(), articles)
    tx.execute(label.insert(), labels)
    return len(labels)


def _told(past: Past) -> Iterator[tuple[datetime, bool, str, str]]:
    rng = np.random.default_rng(5)
    for hour in range(24 * past.days):
        for place in range(past.per_hour):
            crisis = past.is_crisis(hour)
            bad = crisis or bool(rng.random() < 0.15)
            seen = BEGIN + hour * HOUR + place * HOUR / past.per_hour
            yield seen, bad, past.topics[place % len(past.topics)], NAME if crisis else ""


def _feed() -> dict[str, Any]:
    url = "https://x.example/rss"
    return {
        "id": 1, "url": url, "fetch_url": url, "name": "x", "origin": "x", "interval_s": 300,
        "source": "config", "state": "ok", "last_error": "", "due_at": BEGIN,
        "claimed_until": NEVER,
    }  # fmt: skip


def _article(number: int, title: str, seen: datetime) -> dict[str, Any]:
    return {
        "id": number, "feed_id": 1, "guid_hash": str(number), "guid": str(number), "url": "",
        "title": title, "summary": "", "published_raw": "", "published_at": None,
        "first_seen_at": seen, "language": "", "story_id": number, "origin": "x",
        "labelled_at": seen, "claimed_until": NEVER,
    }  # fmt: skip


def _label(number: int, target: str, topic: str, bad: bool, seen: datetime) -> dict[str, Any]:
    return {
        "article_id": number, "story_id": number, "target": target, "topic": topic,
        "sentiment": "negative" if bad else "neutral", "negative": bad,
        "topic_probabilities": [float(topic == each) for each in TOPICS],
        "sentiment_probabilities": [0.8, 0.1, 0.1] if bad else [0.1, 0.8, 0.1],
        "checkpoint": "ck", "tier": "cpu", "labelled_at": seen, "first_seen_at": seen,
        "lead": True, "bin": seen.replace(minute=0, second=0, microsecond=0),
    }  # fmt: skip
