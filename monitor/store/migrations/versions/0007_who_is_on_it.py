"""who is on it: acknowledgements of alerts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import Key, Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acknowledgement",
        sa.Column("number", Key, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("analyst", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("spreads", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_acknowledgement_alert_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint("id", name=op.f("uq_acknowledgement_id")),
    )
    op.create_index(op.f("ix_acknowledgement_alert_id"), "acknowledgement", ["alert_id"])


def downgrade() -> None:
    op.drop_table("acknowledgement")
