"""Audits as analysts answer them: real items and verdicts about the stories of review_rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from review_rows import CHAMPION, HOUR, NOW, add_stories
from sqlalchemy import Connection

from monitor.review.answering import answer
from monitor.store import detection, reviews
from monitor.store.reviews import ReviewItem
from policy.types import SENTIMENTS

WINDOW = timedelta(days=14)  # of which headlines are asked about


def add_news(tx: Connection, count: int, **different: Any) -> None:
    """Stories as in review_rows, and counted by the hour."""
    add_stories(tx, count, **different)
    detection.place_labels(tx, NOW - 1000 * HOUR, HOUR)


def counted(story: int) -> str:
    """What add_stories labels a story."""
    return SENTIMENTS[story % 3]


def say(
    tx: Connection,
    story: int,
    truth: str,
    analyst: str = "anna",
    at: datetime = NOW,
    **different: Any,
) -> ReviewItem:
    """An audit in which the label counted is shown and called right, or corrected; `truth` "": it
    is called wrong and nothing else is said."""
    usual: dict[str, Any] = {
        "id": f"{analyst}-{story}-{different.get('target', '')}", "analyst": analyst,
        "article_id": story, "story_id": story, "text": f"headline{story}", "target": "",
        "head": "sentiment", "why": "audit", "selection": 0.01, "shown": counted(story),
        "propensities": {}, "options": (), "trial": None, "truth": "", "alert_id": "",
        "checkpoint": CHAMPION, "origin": "wire", "url": "", "seen_at": NOW, "served_at": NOW,
    }  # fmt: skip
    item = ReviewItem(**usual | different)
    item = replace(item, propensities={item.shown: 1.0} if item.shown else {})
    assert reviews.add(tx, item)
    right = bool(item.shown) and truth == item.shown
    reason = "neither" if item.options and not truth else ""
    said = "confirm" if right else "reject"
    answer(tx, item.id, analyst, said, "" if right else truth, reason, at)
    return item
