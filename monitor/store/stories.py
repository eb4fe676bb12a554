"""Stories: which one a title belongs to, or a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from monitor.ledes import lede_key, retold
from monitor.store.tables import story, story_key
from monitor.store.upsert import insert_or_ignore
from monitor.stories import STORY_WINDOW, Signature, best_match, signature, telling_key


@dataclass(frozen=True, slots=True)
class Told:
    """The story of one title."""

    story_id: int
    first: bool  # nobody told it before
    again: bool  # told in these words before the window: news then, not now
    keys: frozenset[int] = frozenset()  # of the words of a copy, to be remembered


def one_at_a_time(tx: sa.Connection) -> None:
    """Until this transaction ends nobody else opens a story, or two daemons would open one each for
    a headline that both bring.

    Writers on SQLite are alone as it is.
    """
    if tx.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("stories", 0))
        tx.execute(sa.select(lock))


def told(tx: sa.Connection, title: str, summary: str, now: datetime) -> Told:
    """Finds or opens the story of a title that comes in now."""
    mark, lede = signature(title), lede_key(summary)
    known = _candidates(tx, mark, now)
    match = best_match(mark, ((story_id, signature(first)) for story_id, first, _ in known))
    keys = frozenset(key for key in (telling_key(mark), lede) if key is not None)
    if match is not None:
        opened = next(at for story_id, _, at in known if story_id == match)
        return Told(match, False, opened <= now - STORY_WINDOW, keys)
    holders = _holders(tx, lede) if lede is not None else []
    match = _by_lede(holders, mark, now)
    if match is not None:
        return Told(match, False, False, keys)
    several = len(holders) > 1  # words known to open many stories need no more proof
    return Told(_open(tx, title, mark, None if several else lede, now), True, False)


def remember(tx: sa.Connection, copies: Iterable[Told], now: datetime) -> None:
    """By which words each of these will be known again: one statement for a whole document."""
    known = {(key, copy.story_id) for copy in copies for key in copy.keys}
    rows = [{"key": key, "story_id": story_id, "seen_at": now} for key, story_id in sorted(known)]
    insert_or_ignore(tx, story_key, rows)


def _open(tx: sa.Connection, title: str, mark: Signature, lede: int | None, now: datetime) -> int:
    new = story.insert().values(title=title, first_seen_at=now).returning(story.c.id)
    story_id = int(tx.execute(new).scalar_one())
    keys = _keys(mark) if lede is None else {*_keys(mark), lede}
    if keys:
        rows = [{"key": key, "story_id": story_id, "seen_at": now} for key in keys]
        tx.execute(story_key.insert(), rows)
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
    query = _stories().where(story_key.c.key.in_(_keys(mark)), lately | again).distinct()
    return [(row.id, row.title, row.first_seen_at) for row in tx.execute(query)]


def _holders(tx: sa.Connection, lede: int) -> list[tuple[int, str, datetime]]:
    """Id, title and age of two stories at most that were ever opened by these words."""
    query = _stories().where(story_key.c.key == lede).limit(2)
    return [(row.id, row.title, row.first_seen_at) for row in tx.execute(query)]


def _stories() -> sa.Select[tuple[int, str, datetime]]:
    columns = sa.select(story.c.id, story.c.title, story.c.first_seen_at)
    return columns.join(story_key, story_key.c.story_id == story.c.id).order_by(story.c.id)


def _by_lede(
    holders: list[tuple[int, str, datetime]], mark: Signature, now: datetime
) -> int | None:
    if len(holders) != 1:
        return None
    ((story_id, first, opened),) = holders
    return story_id if retold(mark, first, opened, now) else None
