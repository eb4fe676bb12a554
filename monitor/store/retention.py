"""Removing what is old, children before parents."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from monitor.store import companions, intake
from monitor.store.tables import article, bin_, label, story


def remove_before(tx: sa.Connection, before: datetime, limit: int) -> int:
    """Removes up to `limit` labelled articles first seen before `before`, with what hangs on them.

    Returns how many articles went.
    """
    old = (
        sa.select(article.c.id)
        .where(article.c.first_seen_at < before, article.c.labelled_at.is_not(None))
        .order_by(article.c.first_seen_at)
        .limit(limit)
    )
    ids = list(tx.execute(old).scalars())
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        tx.execute(label.delete().where(label.c.article_id.in_(some)))
        tx.execute(article.delete().where(article.c.id.in_(some)))
    if len(ids) < limit:
        tx.execute(bin_.delete().where(bin_.c.start < before))
        companions.remove_before(tx, before)
        intake.remove_before(tx, before)
        told = sa.select(article.c.id).where(article.c.story_id == story.c.id).exists()
        tx.execute(story.delete().where(story.c.first_seen_at < before, ~told))
    return len(ids)
