"""what challengers find good: whether a shadow label counts as positive"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A default, for daemons of the version before. Rows that are there told no probabilities: the
    # label chosen stands for the likeliest one, until they are forgotten after 14 days.
    op.add_column(
        "shadow_label",
        sa.Column("positive", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    shadow = sa.table(
        "shadow_label",
        sa.column("sentiment", sa.Text),
        sa.column("negative", sa.Boolean),
        sa.column("positive", sa.Boolean),
    )
    good = (shadow.c.sentiment == "positive") & ~shadow.c.negative
    op.execute(shadow.update().where(good).values(positive=True))


def downgrade() -> None:
    op.drop_column("shadow_label", "positive")
