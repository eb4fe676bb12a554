"""Articles and the stories they tell: one story, many copies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from monitor.store.tables import NEVER, article, story, story_key
from monitor.stories import Signature, best_match, signature
from monitor.types import Item

STORY_WINDOW = timedelta(days=3)  # a title told again later than this is news again


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one document's items: new + known = all of them."""

    new: int
    known: int
    stories: int  # of the new articles, those that opened a story


def add_items(
    tx: sa.Connection, feed_id: int, origin: str, items: Sequence[Item], now: datetime
) -> Added:
    """Stores the items that this feed has not shown before, each under its story."""
    by_hash = {_guid_hash(item.guid): item for item in items}
    known = _known(tx, feed_id, list(by_hash))
    opened = 0
    # Publishers list the newest first; stories should be opened by their oldest copy.
    fresh = [(key, item) for key, item in reversed(by_hash.items()) if key not in known]
    for guid_hash, item in fresh:
        story_id, is_new = _story_of(tx, item.title, now)
        opened += is_new
        tx.execute(
            article.insert().values(
                feed_id=feed_id,
                guid_hash=guid_hash,
                guid=item.guid,
                url=item.url,
                title=item.title,
                summary=item.summary,
                published_raw=item.published_raw,
                published_at=item.published_at,
                first_seen_at=now,
                language=item.language,
                story_id=story_id,
                origin=item.publisher or origin,
                claimed_until=NEVER,
            )
        )
    return Added(new=len(fresh), known=len(items) - len(fresh), stories=opened)


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


def _story_of(tx: sa.Connection, title: str, now: datetime) -> tuple[int, bool]:
    mark = signature(title)
    match = best_match(mark, _candidates(tx, mark, now))
    if match is not None:
        return match, False
    new = story.insert().values(title=title, first_seen_at=now).returning(story.c.id)
    story_id = int(tx.execute(new).scalar_one())
    keys = [{"key": key, "story_id": story_id, "seen_at": now} for key in set(mark.keys)]
    if keys:
        tx.execute(story_key.insert(), keys)
    return story_id, True


def _candidates(tx: sa.Connection, mark: Signature, now: datetime) -> list[tuple[int, Signature]]:
    query = (
        sa.select(story.c.id, story.c.title)
        .join(story_key, story_key.c.story_id == story.c.id)
        .where(story_key.c.key.in_(mark.keys), story_key.c.seen_at > now - STORY_WINDOW)
        .distinct()
        .order_by(story.c.id)
    )
    return [(story_id, signature(title)) for story_id, title in tx.execute(query)]


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
