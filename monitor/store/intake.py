"""How many stories each feed opened on each day, and how many more it may count today."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from monitor import floods
from monitor.store.tables_intake import feed_day
from monitor.store.upsert import insert_or_ignore

DAY = timedelta(days=1)


def left(tx: sa.Connection, feed_id: int, now: datetime, wanted: int) -> int | None:
    """Stories that a feed may yet count today, where it brings `wanted`; None: all of them."""
    today = _day(now)
    first = tx.execute(
        sa.select(sa.func.min(feed_day.c.day)).where(feed_day.c.feed_id == feed_id)
    ).scalar()
    if first is None or today - first < floods.KNOWN_DAYS * DAY:
        return None
    own = _by_day(tx, today, feed_day.c.feed_id == feed_id)
    told = own.get(today, 0)
    if told + wanted <= floods.FEW:
        return None
    others = _by_day(tx, today, feed_day.c.feed_id != feed_id)
    past = [today - back * DAY for back in range(1, floods.MEMORY_DAYS + 1)]
    before = [own.get(day, 0) for day in past], [others.get(day, 0) for day in past]
    most = floods.allowed(*before, others.get(today, 0))
    return None if most is None or told + wanted <= most else max(0, most - told)


def add(tx: sa.Connection, feed_id: int, now: datetime, stories: int) -> None:
    """Remembers that a feed was heard, and how many it opened that count."""
    key = {"day": _day(now), "feed_id": feed_id}
    insert_or_ignore(tx, feed_day, [key | {"stories": 0}])
    here = (feed_day.c.day == key["day"]) & (feed_day.c.feed_id == feed_id)
    tx.execute(feed_day.update().where(here).values(stories=feed_day.c.stories + stories))


def remove_before(tx: sa.Connection, before: datetime) -> None:
    tx.execute(feed_day.delete().where(feed_day.c.day < before))


def _by_day(
    tx: sa.Connection, today: datetime, whose: sa.ColumnElement[bool]
) -> dict[datetime, int]:
    query = (
        sa.select(feed_day.c.day, sa.func.sum(feed_day.c.stories))
        .where(feed_day.c.day.between(today - floods.MEMORY_DAYS * DAY, today), whose)
        .group_by(feed_day.c.day)
    )
    return {day: int(stories) for day, stories in tx.execute(query)}


def _day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
