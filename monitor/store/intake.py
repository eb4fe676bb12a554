"""How many stories each feed opened on each day, and how many more it may count today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from monitor import floods
from monitor.store.tables_intake import feed_day
from monitor.store.upsert import insert_or_ignore

DAY = timedelta(days=1)


def left(
    tx: sa.Connection, feed_id: int, now: datetime, wanted: int, siblings: Collection[int] = ()
) -> int | None:
    """Stories that a feed may yet count today, where it brings `wanted`; None: all of them.

    `siblings`: feeds of the same owner, which share what one may.
    """
    today = _day(now)
    family = {feed_id, *siblings}
    known = _known(tx, family, today)
    alike = known if feed_id in known else family - known
    own = _by_day(tx, today, feed_day.c.feed_id.in_(alike))
    told = own.get(today, 0)
    if told + wanted <= floods.FEW:
        return None
    past = [today - back * DAY for back in range(1, floods.MEMORY_DAYS + 1)]
    elsewhere = feed_day.c.feed_id.not_in(alike)
    if feed_id in known:
        others = _by_day(tx, today, elsewhere)
        before = [own.get(day, 0) for day in past], [others.get(day, 0) for day in past]
        most = floods.allowed(*before, others.get(today, 0))
    else:
        busiest = _by_day(tx, today, elsewhere, sa.func.max)
        most = _of_a_newcomer(tx, today, [busiest.get(day, 0) for day in past])
    return None if most is None or told + wanted <= most else max(0, most - told)


def _of_a_newcomer(tx: sa.Connection, today: datetime, busiest: Sequence[int]) -> int | None:
    begun = tx.execute(sa.select(sa.func.min(feed_day.c.day))).scalar()
    new = begun is None or begun > today - floods.KNOWN_DAYS * DAY
    return None if new else floods.of_a_newcomer(busiest)


def add(tx: sa.Connection, feed_id: int, now: datetime, stories: int) -> None:
    """Remembers that a feed was heard, and how many it opened that count."""
    key = {"day": _day(now), "feed_id": feed_id}
    insert_or_ignore(tx, feed_day, [key | {"stories": 0}])
    here = (feed_day.c.day == key["day"]) & (feed_day.c.feed_id == feed_id)
    tx.execute(feed_day.update().where(here).values(stories=feed_day.c.stories + stories))


def remove_before(tx: sa.Connection, before: datetime) -> None:
    tx.execute(feed_day.delete().where(feed_day.c.day < before))


def _known(tx: sa.Connection, ids: Collection[int], today: datetime) -> set[int]:
    """Of these feeds, those heard for long enough to have a usual day."""
    since = sa.func.min(feed_day.c.day) <= today - floods.KNOWN_DAYS * DAY
    query = sa.select(feed_day.c.feed_id).where(feed_day.c.feed_id.in_(ids))
    return set(tx.execute(query.group_by(feed_day.c.feed_id).having(since)).scalars())


def _by_day(
    tx: sa.Connection,
    today: datetime,
    whose: sa.ColumnElement[bool],
    of_all: Callable[..., sa.ColumnElement[int]] = sa.func.sum,
) -> dict[datetime, int]:
    """The stories of these feeds, `of_all` of them on each day."""
    query = (
        sa.select(feed_day.c.day, of_all(feed_day.c.stories))
        .where(feed_day.c.day.between(today - floods.MEMORY_DAYS * DAY, today), whose)
        .group_by(feed_day.c.day)
    )
    return {day: int(stories) for day, stories in tx.execute(query)}


def _day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
