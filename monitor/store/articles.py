"""Articles and the stories they tell: one story, many copies."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from monitor.store import intake
from monitor.store.stories import Told, one_at_a_time, remember, told
from monitor.store.tables import NEVER, article, feed
from monitor.types import Item

# Kept, labelled and shown, but not counted: told before in these words, beyond what this feed may
# tell on a day (`monitor.floods`), or in no language that the policy reads (`monitor.languages`).
Aside = Literal["", "again", "flood", "language"]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one document's items: new + known = all of them."""

    new: int
    known: int
    stories: int  # of the new articles, those that opened a story
    again: int = 0  # of the new articles, those that were told long before
    flood: int = 0  # of the new articles, those beyond what this feed may count today
    language: int = 0  # of the new articles, those that the policy cannot read


@dataclass(frozen=True, slots=True)
class SetAside:
    """What one feed brought that is kept and not counted."""

    feed: str
    again: int
    flood: int
    language: int


def add_items(
    tx: sa.Connection,
    feed_id: int,
    origin: str,
    items: Sequence[Item],
    now: datetime,
    unread: Container[str] = (),
    siblings: Collection[int] = (),
) -> Added:
    """Stores the items that this feed has not shown before, each under its story.

    `unread`: guids of those in a language that the policy does not read. `siblings`: feeds of the
    same owner.
    """
    one_at_a_time(tx)
    by_hash = {_guid_hash(item.guid): item for item in items}
    known = _known(tx, feed_id, list(by_hash))
    # Publishers list the newest first; stories should be opened by their oldest copy.
    fresh = [(key, item) for key, item in reversed(by_hash.items()) if key not in known]
    left = intake.left(tx, feed_id, now, len(fresh), siblings) if fresh else None
    opened, kept, copies = 0, Counter[Aside](), list[Told]()
    for guid_hash, item in fresh:
        found = told(tx, item.title, item.summary, now)
        copies.append(found)
        news = found.first or (left is not None and not _counted(tx, found.story_id))
        aside: Aside = "language"
        if item.guid not in unread:
            aside = _aside(found, news, None if left is None else left - opened)
        opened += news and not aside
        kept[aside] += 1
        row = _row(item, found.story_id, aside, now)
        origins = {"feed_id": feed_id, "guid_hash": guid_hash, "origin": item.publisher or origin}
        tx.execute(article.insert().values(row | origins))
    remember(tx, copies, now)
    if fresh:
        intake.add(tx, feed_id, now, opened)
    why = kept["again"], kept["flood"], kept["language"]
    return Added(len(fresh), len(items) - len(fresh), opened, *why)


def _aside(found: Told, news: bool, left: int | None) -> Aside:
    if found.again:
        return "again"
    return "flood" if news and left is not None and left <= 0 else ""


def _counted(tx: sa.Connection, story_id: int) -> bool:
    """Whether a copy of it was news: else the next outlet that tells it tells it first."""
    query = sa.select(article.c.id).where(article.c.story_id == story_id, article.c.aside == "")
    return tx.execute(query.limit(1)).first() is not None


def _row(item: Item, story_id: int, aside: Aside, now: datetime) -> dict[str, Any]:
    return {
        "guid": item.guid,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "published_raw": item.published_raw,
        "published_at": item.published_at,
        "first_seen_at": now,
        "language": item.language,
        "story_id": story_id,
        "aside": aside,
        "claimed_until": NEVER,
    }


def _guid_hash(guid: str) -> str:
    return hashlib.sha256(guid.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _known(tx: sa.Connection, feed_id: int, hashes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(hashes), 500):  # SQLite bounds the variables of one statement
        query = sa.select(article.c.guid_hash).where(
            article.c.feed_id == feed_id, article.c.guid_hash.in_(hashes[start : start + 500])
        )
        found.update(tx.execute(query).scalars())
    return found


def set_aside(tx: sa.Connection, since: datetime) -> list[SetAside]:
    """Of each feed that brought any since then, the most first."""
    query = (
        sa.select(feed.c.name, article.c.aside, sa.func.count())
        .join(feed, feed.c.id == article.c.feed_id)
        .where(article.c.first_seen_at >= since, article.c.aside != "")
        .group_by(feed.c.name, article.c.aside)
    )
    found: dict[str, Counter[str]] = {}
    for name, why, many in tx.execute(query):
        found.setdefault(name, Counter())[why] = many
    most = sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))
    return [SetAside(name, why["again"], why["flood"], why["language"]) for name, why in most]


def first_seen(tx: sa.Connection) -> datetime | None:
    """When the first article of all was seen."""
    query = sa.select(sa.func.min(article.c.first_seen_at))
    seen: datetime | None = tx.execute(query).scalar()
    return seen


def newest_publication(tx: sa.Connection, stories: Sequence[int]) -> datetime | None:
    """When the youngest of these stories was first published, by the outlets' own clocks."""
    query = (
        sa.select(sa.func.min(article.c.published_at).label("at"))
        .where(article.c.story_id.in_(stories))
        .group_by(article.c.story_id)
    )
    times = [at for at in tx.execute(query).scalars() if at is not None]
    return max(times, default=None)
