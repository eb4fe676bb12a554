"""what is counted: whether negative is the likeliest sentiment, whatever label was chosen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.add_column(sa.Column("negative", sa.Boolean(), nullable=True))
    label = sa.table(
        "label",
        sa.column("negative", sa.Boolean()),
        sa.column("sentiment_probabilities", sa.JSON()),
    )
    negative, neutral, positive = (
        label.c.sentiment_probabilities[place].as_float() for place in range(3)
    )
    likeliest = sa.and_(negative >= neutral, negative >= positive)
    op.execute(label.update().values(negative=sa.func.coalesce(likeliest, sa.false())))
    # No default stays behind: a daemon of the version before must fail to write a label, and owe
    # it again, rather than have it counted as not negative.
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.alter_column("negative", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.drop_column("negative")
