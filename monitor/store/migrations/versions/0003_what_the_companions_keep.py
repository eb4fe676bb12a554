"""what the companions keep: states and bins of surges and silences, and when we listened"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "companion_state",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "topic", "target", "feed", name=op.f("pk_companion_state")),
    )
    op.create_table(
        "companion_bin",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("start", Utc(), nullable=False),
        sa.Column("width_s", sa.Integer(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("negatives", sa.Integer(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("log_evidence", sa.Float(), nullable=False),
        sa.Column("gain", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "kind", "topic", "target", "feed", "start", name=op.f("pk_companion_bin")
        ),
    )
    with op.batch_alter_table("companion_bin", schema=None) as batch_op:
        batch_op.create_index("ix_companion_bin_start", ["start"], unique=False)
    op.create_table(
        "heard_bin",
        sa.Column("start", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("start", name=op.f("pk_heard_bin")),
    )


def downgrade() -> None:
    op.drop_table("heard_bin")
    with op.batch_alter_table("companion_bin", schema=None) as batch_op:
        batch_op.drop_index("ix_companion_bin_start")
    op.drop_table("companion_bin")
    op.drop_table("companion_state")
