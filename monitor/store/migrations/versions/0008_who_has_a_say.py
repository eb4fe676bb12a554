"""who has a say: what people said of candidates on trial"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import Key, Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vote",
        sa.Column("number", Key, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("trial", Key, nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("passed_at", Utc(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["trial"], ["trial.number"], name=op.f("fk_vote_trial")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_vote")),
        sa.UniqueConstraint("id", name=op.f("uq_vote_id")),
    )
    op.create_index(op.f("ix_vote_trial"), "vote", ["trial"])


def downgrade() -> None:
    # Trials that wait for approval are on trial again: the version before knows no other word.
    trial = sa.table("trial", sa.column("state", sa.Text))
    op.execute(trial.update().where(trial.c.state == "waiting").values(state="shadow"))
    op.drop_table("vote")
