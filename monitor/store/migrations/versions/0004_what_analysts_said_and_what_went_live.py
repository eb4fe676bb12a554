"""what analysts said and what went live"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tables import Key, Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_verdict",
        sa.Column("number", Key, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("analyst", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_alert_verdict")),
        sa.UniqueConstraint("id", name=op.f("uq_alert_verdict_id")),
    )
    with op.batch_alter_table("alert_verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_verdict_alert_id"), ["alert_id"], unique=False)

    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "near_miss",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("onset", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("negatives", sa.Integer(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_near_miss")),
    )
    with op.batch_alter_table("near_miss", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_near_miss_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "link_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_key")),
    )
    op.create_table(
        "promotion",
        sa.Column("number", Key, nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_promotion")),
    )
    op.create_table(
        "review_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("analyst", sa.Text(), nullable=False),
        sa.Column("article_id", Key, nullable=True),
        sa.Column("story_id", Key, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("selection", sa.Float(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("propensities", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("trial", Key, nullable=True),
        sa.Column("truth", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=True),
        sa.Column("served_at", Utc(), nullable=False),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_item")),
    )
    with op.batch_alter_table("review_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_review_item_analyst_served_at", ["analyst", "served_at"], unique=False
        )
        batch_op.create_index("ix_review_item_story_id", ["story_id"], unique=False)
        batch_op.create_index("ix_review_item_answered_at", ["answered_at"], unique=False)
        batch_op.create_index("ix_review_item_trial", ["trial"], unique=False)

    op.create_table(
        "gold_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("article_id", Key, nullable=False),
        sa.Column("story_id", Key, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("truth", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("voices", sa.JSON(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold_item")),
    )

    op.create_table(
        "shadow_label",
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("article_id", Key, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("sentiment", sa.Text(), nullable=False),
        sa.Column("negative", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("checkpoint", "article_id", "target", name=op.f("pk_shadow_label")),
    )
    op.create_table(
        "standing",
        sa.Column("analyst", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("trust", sa.Float(), nullable=False),
        sa.Column("verdicts", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("analyst", name=op.f("pk_standing")),
    )
    op.create_table(
        "learn_lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("claimed_until", Utc(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learn_lease")),
    )
    op.create_table(
        "trial",
        sa.Column("number", Key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("challenger", sa.Text(), nullable=False),
        sa.Column("champion", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("test", sa.Integer(), nullable=False),
        sa.Column("trained_through", Key, nullable=False),
        sa.Column("looked_through", Key, nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trial")),
    )
    with op.batch_alter_table("trial", schema=None) as batch_op:
        batch_op.create_index("ix_trial_state", ["state"], unique=False)

    op.create_table(
        "verdict",
        sa.Column("number", Key, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("article_id", Key, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("selection", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("analyst", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("truth", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_verdict")),
        sa.UniqueConstraint("id", name=op.f("uq_verdict_id")),
    )
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdict_analyst"), ["analyst"], unique=False)
        batch_op.create_index("ix_verdict_why", ["why"], unique=False)
        batch_op.create_index("ix_verdict_article_id", ["article_id"], unique=False)
        batch_op.create_index("ix_verdict_text", ["text"], unique=False, postgresql_using="hash")

    op.create_table(
        "judgement",
        sa.Column("trial", Key, nullable=False),
        sa.Column("verdict", Key, nullable=False),
        sa.Column("champion_label", sa.Text(), nullable=False),
        sa.Column("challenger_label", sa.Text(), nullable=False),
        sa.Column("z", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trial"], ["trial.number"], name=op.f("fk_judgement_trial")),
        sa.PrimaryKeyConstraint("trial", "verdict", name=op.f("pk_judgement")),
    )


def downgrade() -> None:
    for table in (
        "judgement", "learn_lease", "standing", "verdict", "trial", "shadow_label", "gold_item",
        "review_item", "promotion", "link_key", "near_miss", "checkpoint", "alert_verdict",
    ):  # fmt: skip
        op.drop_table(table)
