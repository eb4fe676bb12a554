"""Labels: what the label job owes, and what it has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from monitor.store import claims
from monitor.store.tables import NEVER, article, label, story
from monitor.store.upsert import insert_or_ignore
from monitor.types import Label


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """An article that waits for its labels."""

    article_id: int
    story_id: int
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    aside: str = ""  # why it is not counted, where it is not


def claim(tx: sa.Connection, now: datetime, lease: timedelta, limit: int) -> list[Unlabelled]:
    """Takes the oldest unlabelled articles until the lease runs out."""
    c = article.c
    fields = (c.id, c.story_id, c.title, c.published_at, c.first_seen_at, c.aside)
    taken = claims.claim(tx, article, _owed(), (c.first_seen_at, c.id), fields, now, lease, limit)
    rows = [Unlabelled(*row) for row in taken]
    return sorted(rows, key=lambda row: (row.first_seen_at, row.article_id))


def add(
    tx: sa.Connection, work: Sequence[Unlabelled], labels: Sequence[Label], now: datetime
) -> None:
    """Writes the labels of claimed articles, and that nothing more is owed for them."""
    by_id = {row.article_id: row for row in work}
    stories = {row.story_id for row in work}
    _hold(tx, stories)
    told = _told(tx, stories)
    rows = []
    for new in sorted(
        labels, key=lambda new: (by_id[new.article_id].first_seen_at, new.article_id)
    ):
        about = by_id[new.article_id]
        lead = not about.aside and (about.story_id, new.target) not in told
        if lead:
            told.add((about.story_id, new.target))
        seen = {"story_id": about.story_id, "first_seen_at": about.first_seen_at}
        rows.append(asdict(new) | seen | {"lead": lead, "negative": new.negative})
    insert_or_ignore(tx, label, rows)
    tx.execute(
        article.update()
        .where(article.c.id.in_(list(by_id)), article.c.labelled_at.is_(None))
        .values(labelled_at=now, claimed_until=NEVER)
    )


def backlog(tx: sa.Connection) -> int:
    """Articles that wait for labels."""
    return int(tx.execute(sa.select(sa.func.count()).where(_owed())).scalar_one())


def oldest_owed(tx: sa.Connection) -> datetime | None:
    """When the oldest unlabelled article was first seen."""
    seen: datetime | None = tx.execute(
        sa.select(article.c.first_seen_at).where(_owed()).order_by(article.c.first_seen_at).limit(1)
    ).scalar()
    return seen


def _owed() -> sa.ColumnElement[bool]:
    return article.c.labelled_at.is_(None)


def _hold(tx: sa.Connection, stories: set[int]) -> None:
    """Whoever labels another copy of one of them at this moment waits, and sees what we have told;
    who stores one does not."""
    held = sa.select(story.c.id).where(story.c.id.in_(stories)).order_by(story.c.id)
    tx.execute(held.with_for_update(key_share=True))


def _told(tx: sa.Connection, stories: set[int]) -> set[tuple[int, str]]:
    """(story, target) pairs that have been counted: a later copy is spread, not a count."""
    query = (
        sa.select(label.c.story_id, label.c.target)
        .join(article, article.c.id == label.c.article_id)
        .where(label.c.story_id.in_(stories), article.c.aside == "")
    )
    return {(story_id, target) for story_id, target in tx.execute(query.distinct())}
