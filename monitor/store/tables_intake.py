"""By which floods and silence are told: what each feed brings on a day, and its newest articles."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.store.tables import Key, Utc, article, metadata

feed_day = sa.Table(
    "feed_day",
    metadata,
    sa.Column("day", Utc, nullable=False),
    sa.Column("feed_id", Key, sa.ForeignKey("feed.id"), nullable=False),
    sa.Column("stories", sa.Integer, nullable=False),  # that it opened and that were counted
    sa.PrimaryKeyConstraint("day", "feed_id"),
)

newest_index = sa.Index(
    "ix_article_feed_id_first_seen_at", article.c.feed_id, article.c.first_seen_at
)
