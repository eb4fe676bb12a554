"""Questions put to an analyst, blind or in pairs, and the verdicts that were kept."""

from __future__ import annotations

from typing import Any

from web_rows import HOUR, NAME, NOW

from monitor.store import reviews, verdicts
from monitor.store.engine import Store
from monitor.store.reviews import ReviewItem
from policy.verdicts import Verdict

HEADLINE = "Halvorsen Marine <b>halts</b> production"


def put(store: Store, id_: str = "item1", **different: Any) -> ReviewItem:
    """A question that anna was just asked."""
    known: dict[str, Any] = {
        "id": id_, "analyst": "anna", "article_id": None, "story_id": None, "text": HEADLINE,
        "target": NAME, "head": "sentiment", "why": "uncertain", "selection": 0.25,
        "shown": "negative", "propensities": {"negative": 0.9, "neutral": 0.1}, "options": [],
        "trial": None, "truth": "", "alert_id": "", "checkpoint": "c0", "origin": "northwire",
        "url": "https://northwire.example/1", "seen_at": NOW - HOUR, "served_at": NOW,
    }  # fmt: skip
    item = ReviewItem(**known | different)
    with store.write() as tx:
        assert reviews.add(tx, item)
    return item


BLIND: dict[str, Any] = {"shown": "", "propensities": {}}
PAIR: dict[str, Any] = BLIND | {"options": ["neutral", "negative"]}


def logged(store: Store) -> list[Verdict]:
    with store.read() as tx:
        return [one.verdict for one in verdicts.logged(tx)]
