"""how long feeds are silent: since when each is watched, and its newest articles by an index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of the feeds there are nobody knows any more: they count as added at their last poll.
    op.add_column("feed", sa.Column("added_at", Utc(), nullable=True))
    op.execute("update feed set added_at = coalesce(last_polled_at, due_at)")
    op.create_index(
        op.f("ix_article_feed_id_first_seen_at"), "article", ["feed_id", "first_seen_at"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_article_feed_id_first_seen_at"), "article")
    op.drop_column("feed", "added_at")
