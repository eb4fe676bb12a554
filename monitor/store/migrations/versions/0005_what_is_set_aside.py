"""what is set aside: articles that are kept and not counted, and how much each feed tells a day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import Key, Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A default, since SQLite adds no other column without copying a table that labels point to.
    # A daemon of the version before sets nothing aside, and counts as it did.
    op.add_column("article", sa.Column("aside", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "feed_day",
        sa.Column("day", Utc(), nullable=False),
        sa.Column("feed_id", Key, nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_day_feed_id")),
        sa.PrimaryKeyConstraint("day", "feed_id", name=op.f("pk_feed_day")),
    )


def downgrade() -> None:
    op.drop_table("feed_day")
    op.drop_column("article", "aside")
