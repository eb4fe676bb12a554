"""The tables of learning: what was asked of analysts, what they said, and what went live."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.store.tables import Key, Utc, metadata

review_item = sa.Table(  # a question as it was put to one analyst, and whether it was answered
    "review_item",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # one a text and analyst
    sa.Column("analyst", sa.Text, nullable=False),  # whom it was served to
    sa.Column("article_id", Key),  # NULL: a gold item that was never an article
    sa.Column("story_id", Key),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("head", sa.Text, nullable=False),  # topic | sentiment
    sa.Column("why", sa.Text, nullable=False),  # policy.verdicts.Why
    sa.Column("selection", sa.Float, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),  # "": blind, or a pair
    sa.Column("propensities", sa.JSON, nullable=False),  # label → μ, summing to 1; {} where blind
    sa.Column("options", sa.JSON, nullable=False),  # of a disagreement: both labels, blind order
    sa.Column("trial", Key),  # of a disagreement
    sa.Column("truth", sa.Text, nullable=False),  # of a gold item, else ""
    sa.Column("alert_id", sa.Text, nullable=False),  # of an alert's headline, else ""
    sa.Column("checkpoint", sa.Text, nullable=False),  # whose label is shown
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("seen_at", Utc),
    sa.Column("served_at", Utc, nullable=False),
    sa.Column("answered_at", Utc),
    sa.Column("answer", sa.Text, nullable=False),  # "" while it is pending
    sa.Index("ix_review_item_analyst_served_at", "analyst", "served_at"),
    sa.Index("ix_review_item_story_id", "story_id"),
    sa.Index("ix_review_item_answered_at", "answered_at"),
    sa.Index("ix_review_item_trial", "trial"),
)

gold_item = sa.Table(  # what several trusted analysts have said alike
    "gold_item",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # of text, target and head
    sa.Column("article_id", Key, nullable=False),
    sa.Column("story_id", Key),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("truth", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("voices", sa.JSON, nullable=False),  # the analysts
    sa.Column("made_at", Utc, nullable=False),
)

verdict = sa.Table(  # append-only
    "verdict",
    metadata,
    sa.Column("number", Key, primary_key=True),  # in the order in which they came in
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("item_id", sa.Text, nullable=False),  # "" where imported
    sa.Column("article_id", Key),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("propensity", sa.Float, nullable=False),
    sa.Column("selection", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("analyst", sa.Text, nullable=False, index=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("correction", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("checkpoint", sa.Text, nullable=False),
    sa.Column("truth", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),  # when the analyst answered
    sa.Column("recorded_at", Utc, nullable=False),  # when we heard of it
    sa.Index("ix_verdict_why", "why"),
    sa.Index("ix_verdict_article_id", "article_id"),
    # Of any length: PostgreSQL's trees hold no more than 2,700 bytes of a text.
    sa.Index("ix_verdict_text", "text", postgresql_using="hash"),
)

alert_verdict = sa.Table(  # append-only; the newest of an analyst about an alert holds
    "alert_verdict",
    metadata,
    sa.Column("number", Key, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("alert_id", sa.Text, nullable=False, index=True),
    sa.Column("analyst", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),  # confirm | reject
    sa.Column("reason", sa.Text, nullable=False),  # policy.verdicts.Reason
    sa.Column("route", sa.Text, nullable=False),  # page | api | mail
    sa.Column("at", Utc, nullable=False),
)

acknowledgement = sa.Table(  # append-only: who was on which alert
    "acknowledgement",
    metadata,
    sa.Column("number", Key, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), nullable=False, index=True),
    sa.Column("analyst", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("spreads", sa.Integer, nullable=False),  # alerts that had joined it by then
    sa.Column("at", Utc, nullable=False),
)

near_miss = sa.Table(  # rises that came near an alarm; a few of them are shown as audits
    "near_miss",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # what an alert_verdict on it names as alert_id
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("onset", Utc, nullable=False),
    sa.Column("ended_at", Utc, nullable=False, index=True),
    sa.Column("margin", sa.Float, nullable=False),
    sa.Column("stories", sa.Integer, nullable=False),
    sa.Column("negatives", sa.Integer, nullable=False),
    sa.Column("baseline", sa.Float, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("asked", sa.Boolean, nullable=False),
)

link_key = sa.Table(  # signs the links in mail; never exported, never shown
    "link_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # one row: 1
    sa.Column("key", sa.LargeBinary, nullable=False),
)

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("parent", sa.Text, nullable=False),  # "" where there is none
    sa.Column("learner", sa.Text, nullable=False),  # "" where it was not learned from verdicts
    sa.Column("metrics", sa.JSON, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
)

promotion = sa.Table(  # append-only; the newest row is what is live
    "promotion",
    metadata,
    sa.Column("number", Key, primary_key=True),
    sa.Column("checkpoint", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),  # what was live until then
    sa.Column("kind", sa.Text, nullable=False),  # promote | rollback
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),  # gate | a person
    sa.Column("at", Utc, nullable=False),
)

trial = sa.Table(  # a challenger held against the champion by verdicts given after `opened_at`
    "trial",
    metadata,
    sa.Column("number", Key, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # promotion | probation
    sa.Column("challenger", sa.Text, nullable=False),  # of a probation: the champion before
    sa.Column("champion", sa.Text, nullable=False),
    # shadow | waiting | promoted | refused | kept | rolled_back
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("report", sa.JSON, nullable=False),  # figures of the vetoes, what would have changed
    sa.Column("test", sa.Integer, nullable=False),  # k: which test of its quarter this is
    sa.Column("trained_through", Key, nullable=False),  # verdict.number: it learned from none later
    sa.Column("looked_through", Key, nullable=False),  # verdict.number: judged, or told nothing
    sa.Column("opened_at", Utc, nullable=False),
    sa.Column("decided_at", Utc),
    sa.Index("ix_trial_state", "state"),
)

vote = sa.Table(  # append-only: what people said of a candidate on trial
    "vote",
    metadata,
    sa.Column("number", Key, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("trial", Key, sa.ForeignKey("trial.number"), nullable=False, index=True),
    sa.Column("checkpoint", sa.Text, nullable=False),  # what they looked at
    sa.Column("passed_at", Utc),  # the proof that they looked at; NULL: there was none yet
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),  # approve | refuse
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),  # shell | api | page
    sa.Column("at", Utc, nullable=False),
)

judgement = sa.Table(  # what one verdict says in one trial, kept so that a decision can be redone
    "judgement",
    metadata,
    sa.Column("trial", Key, sa.ForeignKey("trial.number"), nullable=False),
    sa.Column("verdict", Key, nullable=False),  # verdict.number
    sa.Column("champion_label", sa.Text, nullable=False),
    sa.Column("challenger_label", sa.Text, nullable=False),
    sa.Column("z", sa.Integer, nullable=False),  # 1 challenger right, -1 champion right, 0 neither
    sa.PrimaryKeyConstraint("trial", "verdict"),
)

shadow_label = sa.Table(  # what a challenger says of articles that the champion has labelled
    "shadow_label",
    metadata,
    sa.Column("checkpoint", sa.Text, nullable=False),
    sa.Column("article_id", Key, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("sentiment", sa.Text, nullable=False),
    sa.Column("negative", sa.Boolean, nullable=False),
    sa.Column("positive", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("checkpoint", "article_id", "target"),
)

standing = sa.Table(  # how far each analyst is believed, as the last round of learning reckoned
    "standing",
    metadata,
    sa.Column("analyst", sa.Text, primary_key=True),
    sa.Column("standing", sa.Text, nullable=False),  # trusted | watched | adversary
    sa.Column("trust", sa.Float, nullable=False),  # α − κ
    sa.Column("verdicts", sa.Integer, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("at", Utc, nullable=False),
)

learn_lease = sa.Table(
    "learn_lease",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # one row: 1
    sa.Column("holder", sa.Text, nullable=False),  # who learns now, or did last
    sa.Column("claimed_until", Utc, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
    sa.Column("retry_at", Utc, nullable=False),  # not before
    sa.Column("ended_at", Utc),  # the last round that ended well
)
