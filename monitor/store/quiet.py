"""How each feed does, and which of those that answer have nothing to say any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.quiet import LEAST, NEWEST, Silence, is_quiet, usual_gap
from monitor.store import feeds
from monitor.store.feeds import FeedRow
from monitor.store.tables import article, feed


@dataclass(frozen=True, slots=True)
class Judged:
    """A watched feed and, where it answers but is quiet, its silence."""

    feed: FeedRow
    silence: Silence | None

    @property
    def state(self) -> str:
        """new, ok, quiet, failing or down."""
        return "quiet" if self.silence else self.feed.state

    def document(self) -> dict[str, Any]:
        """What a program is told beside the feed itself."""
        gap = self.silence.usual_gap if self.silence else None
        return {
            "state": self.state,
            "quiet_since": self.silence.since if self.silence else None,
            "usual_gap_s": round(gap.total_seconds()) if gap else None,
        }


def judged(tx: sa.Connection) -> list[Judged]:
    """Every watched feed, by name."""
    at_once = _heard_once(tx)
    return [
        Judged(row, _silence(tx, row, row.id in at_once) if row.state == "ok" else None)
        for row in feeds.active(tx)
    ]


def states(watched: Iterable[Judged]) -> dict[str, int]:
    """How many watched feeds are new, ok, quiet, failing, down."""
    return dict(Counter(one.state for one in watched))


def _silence(tx: sa.Connection, row: FeedRow, at_once: bool) -> Silence | None:
    """Up to its last good answer: what it published since, nobody has asked."""
    since = row.last_article_at or row.added_at
    if since is None or row.last_ok_at is None:
        return None
    if row.last_ok_at - since < LEAST and not at_once:
        return None
    moments = _moments(tx, row.id)
    # All that came with the first document is as old as its publisher says.
    since = max(moments) if at_once and moments else since
    usual = usual_gap(moments)
    return Silence(since, usual) if is_quiet(row.last_ok_at - since, usual) else None


def _heard_once(tx: sa.Connection) -> set[int]:
    """Feeds (ids) all of whose articles came with one document: one look into an index each."""
    before = (
        sa.select(article.c.id)
        .where(article.c.feed_id == feed.c.id, article.c.first_seen_at < feed.c.last_article_at)
        .exists()
    )
    query = sa.select(feed.c.id).where(feed.c.last_article_at.is_not(None), ~before)
    return set(tx.execute(query).scalars())


def _moments(tx: sa.Connection, feed_id: int) -> list[datetime]:
    """When its newest articles were published: as it says, or when they were seen if before."""
    query = (
        sa.select(article.c.published_at, article.c.first_seen_at)
        .where(article.c.feed_id == feed_id)
        .order_by(article.c.first_seen_at.desc())
        .limit(NEWEST)
    )
    return [min(said or seen, seen) for said, seen in tx.execute(query)]
