"""Feeds: which there are, which are due, how each is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from monitor.pacing import fair_share
from monitor.schedule import address
from monitor.store.claims import claim
from monitor.store.tables import NEVER, feed
from monitor.urls import feed_name, host_of, without_secrets


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as the store knows it."""

    id: int
    url: str
    name: str
    origin: str
    interval_s: int
    source: str
    fetch_url: str
    etag: str
    last_modified: str
    body_hash: str
    format: str
    state: str
    failures: int
    last_error: str
    added_at: datetime | None
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    last_article_at: datetime | None
    due_at: datetime

    @property
    def address(self) -> str:
        """Where it is asked."""
        return address(self.url, self.fetch_url, self.failures)

    @property
    def host(self) -> str:
        return host_of(self.address)


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed as the configuration or an operator names it."""

    url: str
    name: str
    origin: str
    interval_s: int


_COLUMNS = [feed.c[field] for field in FeedRow.__dataclass_fields__]


def sync_configured(tx: sa.Connection, feeds: Sequence[NewFeed], now: datetime) -> None:
    """Makes the store's configured feeds those of the configuration file.

    A feed that left the file is kept for its history but no longer polled; feeds added by
    command are not touched, but that names given of old hold subscribers' keys no more.
    """
    for new in feeds:
        add(tx, new, "config", now)
    urls = [new.url for new in feeds]
    gone = feed.update().where(feed.c.source == "config", feed.c.url.not_in(urls))
    tx.execute(gone.values(removed=True))
    for row in active(tx):
        if (name := shown(row).name) != row.name:
            tx.execute(feed.update().where(feed.c.id == row.id).values(name=name))


def add(tx: sa.Connection, new: NewFeed, source: str, now: datetime) -> bool:
    """Adds a feed, or renames and revives the one that has this URL; True where it is new or back.

    What an operator adds, and what comes back, is asked at its own address again, at once:
    wherever its publisher may have sent us since.
    """
    query = sa.select(feed.c.id, feed.c.removed).where(feed.c.url == new.url)
    known = tx.execute(query).first()
    values = {"name": new.name, "origin": new.origin, "interval_s": new.interval_s}
    afresh = {"fetch_url": new.url, "due_at": now}
    if known is None:
        row = {**values, **afresh, "url": new.url, "source": source, "claimed_until": NEVER}
        tx.execute(feed.insert().values(**row, added_at=now))
        return True
    if known.removed or source != "config":
        values |= afresh
    change = feed.update().where(feed.c.id == known.id)
    tx.execute(change.values(**values, source=source, removed=False))
    return bool(known.removed)


def remove(tx: sa.Connection, url: str) -> bool:
    """Stops polling a feed; False where no such feed is watched."""
    found = feed.update().where(feed.c.url == url, feed.c.removed.is_(False))
    return bool(tx.execute(found.values(removed=True)).rowcount)


def active(tx: sa.Connection) -> list[FeedRow]:
    """Every watched feed, by name."""
    query = sa.select(*_COLUMNS).where(feed.c.removed.is_(False)).order_by(feed.c.name, feed.c.id)
    return [FeedRow(*row) for row in tx.execute(query)]


def outlets(tx: sa.Connection) -> dict[int, str]:
    """The outlet of every feed by its id, of those no longer watched too."""
    return dict(tx.execute(sa.select(feed.c.id, feed.c.origin)).tuples().all())


def shown(row: FeedRow) -> FeedRow:
    """A feed as people and their programs are shown it: without subscribers' keys."""
    name = feed_name(row.url) if row.name == row.url else row.name
    url, fetch_url = without_secrets(row.url), without_secrets(row.fetch_url)
    return replace(row, name=name, url=url, fetch_url=fetch_url)


def claim_due(
    tx: sa.Connection, now: datetime, lease: timedelta, limit: int, per_host: int
) -> tuple[list[FeedRow], bool]:
    """Takes feeds that are due, until the lease runs out: of each host the longest overdue first.

    Also says whether any are left.
    """
    due = feed.c.removed.is_(False) & (feed.c.due_at <= now)
    waiting = sa.select(feed.c.id, feed.c.url, feed.c.fetch_url, feed.c.failures)
    waiting = waiting.where(due, feed.c.claimed_until <= now).order_by(feed.c.due_at, feed.c.id)
    rows = tx.execute(waiting).all()
    hosts = [host_of(address(row.url, row.fetch_url, row.failures)) for row in rows]
    ids = [rows[place].id for place in fair_share(hosts, limit, per_host)]
    order = (feed.c.due_at, feed.c.id)
    taken = claim(tx, feed, due & feed.c.id.in_(ids), order, _COLUMNS, now, lease, limit)
    return sorted((FeedRow(*row) for row in taken), key=lambda row: row.id), len(rows) > len(ids)


def give_back(tx: sa.Connection, ids: Sequence[int]) -> None:
    """These were claimed and not asked."""
    tx.execute(feed.update().where(feed.c.id.in_(ids)).values(claimed_until=NEVER))


def leave_alone(tx: sa.Connection, host: str, until: datetime) -> int:
    """Nobody asks this host before then; returns how many feeds now wait for that."""
    theirs = [row.id for row in active(tx) if row.host == host and row.due_at < until]
    for start in range(0, len(theirs), 500):  # SQLite bounds the variables of one statement
        some = feed.c.id.in_(theirs[start : start + 500])
        tx.execute(feed.update().where(some).values(due_at=until))
    return len(theirs)


def hurry(tx: sa.Connection, now: datetime) -> None:
    """The clock was set back: whoever would wait longer than its interval for that is due."""
    for row in active(tx):
        if row.due_at > now + timedelta(seconds=row.interval_s):
            tx.execute(feed.update().where(feed.c.id == row.id).values(due_at=now))


def record(tx: sa.Connection, feed_id: int, values: dict[str, Any]) -> None:
    """Stores what a poll found out (columns of `feed`) and gives the claim back."""
    tx.execute(feed.update().where(feed.c.id == feed_id).values(**values, claimed_until=NEVER))
