"""The table by which floods are told: what each feed brings on a day."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.store.tables import Key, Utc, metadata

feed_day = sa.Table(
    "feed_day",
    metadata,
    sa.Column("day", Utc, nullable=False),
    sa.Column("feed_id", Key, sa.ForeignKey("feed.id"), nullable=False),
    sa.Column("stories", sa.Integer, nullable=False),  # that it opened and that were counted
    sa.PrimaryKeyConstraint("day", "feed_id"),
)
