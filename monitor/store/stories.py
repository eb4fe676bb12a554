"""Stories: which one a title belongs to, or a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from monitor.store.tables import story, story_key
from monitor.store.upsert import insert_or_ignore
from monitor.stories import STORY_WINDOW, Signature, best_match, signature, telling_key


@dataclass(frozen=True, slots=True)
class Told:
    """The story of one title."""

    story_id: int
    first: bool  # nobody told it before
    again: bool  # told in these words before the window: news then, not now
    key: int | None = None  # of the words of a copy, to be remembered


def told(tx: sa.Connection, title: str, now: datetime) -> Told:
    """Finds or opens the story of a title that comes in now."""
    mark = signature(title)
    known = _candidates(tx, mark, now)
    match = best_match(mark, ((story_id, signature(first)) for story_id, first, _ in known))
    if match is None:
        return Told(_open(tx, title, mark, now), True, False)
    opened = next(at for story_id, _, at in known if story_id == match)
    return Told(match, False, opened <= now - STORY_WINDOW, telling_key(mark))


def remember(tx: sa.Connection, copies: Iterable[Told], now: datetime) -> None:
    """By which words each of these will be known again: one statement for a whole document."""
    known = {(copy.key, copy.story_id) for copy in copies if copy.key is not None}
    rows = [{"key": key, "story_id": story_id, "seen_at": now} for key, story_id in sorted(known)]
    insert_or_ignore(tx, story_key, rows)


def _open(tx: sa.Connection, title: str, mark: Signature, now: datetime) -> int:
    new = story.insert().values(title=title, first_seen_at=now).returning(story.c.id)
    story_id = int(tx.execute(new).scalar_one())
    keys = [{"key": key, "story_id": story_id, "seen_at": now} for key in _keys(mark)]
    if keys:
        tx.execute(story_key.insert(), keys)
    return story_id


def _keys(mark: Signature) -> set[int]:
    key = telling_key(mark)
    return set(mark.keys) if key is None else {*mark.keys, key}


def _candidates(
    tx: sa.Connection, mark: Signature, now: datetime
) -> list[tuple[int, str, datetime]]:
    """Id, title and age of the window's stories that may be this one, and of those that were ever
    told in these words."""
    lately, again = story_key.c.seen_at > now - STORY_WINDOW, story_key.c.key == telling_key(mark)
    query = (
        sa.select(story.c.id, story.c.title, story.c.first_seen_at)
        .join(story_key, story_key.c.story_id == story.c.id)
        .where(story_key.c.key.in_(_keys(mark)), lately | again)
        .distinct()
        .order_by(story.c.id)
    )
    return [(row.id, row.title, row.first_seen_at) for row in tx.execute(query)]
