"""The tables. They are the queues too: each job finds its work here and writes its result here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect


class Utc(sa.TypeDecorator[datetime]):
    """A UTC instant: aware in Python; SQLite, which knows no zones, keeps it as UTC text."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone reached the store: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return aware.astimezone(UTC)


# SQLite numbers rows by itself only in an INTEGER key; elsewhere 64 bits are wanted.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # a claim that has long run out

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

feed = sa.Table(
    "feed",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),  # the outlet that copies are counted by
    sa.Column("interval_s", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # config | added
    sa.Column("removed", sa.Boolean, nullable=False, default=False),
    sa.Column("fetch_url", sa.Text, nullable=False),  # moves with permanent redirects
    sa.Column("etag", sa.Text, nullable=False, default=""),
    sa.Column("last_modified", sa.Text, nullable=False, default=""),
    sa.Column("body_hash", sa.Text, nullable=False, default=""),
    sa.Column("format", sa.Text, nullable=False, default=""),
    sa.Column("state", sa.Text, nullable=False, default="new"),  # new | ok | failing | down
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("last_error", sa.Text, nullable=False, default=""),
    sa.Column("added_at", Utc),
    sa.Column("last_polled_at", Utc),
    sa.Column("last_ok_at", Utc),
    sa.Column("last_article_at", Utc),
    sa.Column("due_at", Utc, nullable=False, index=True),
    sa.Column("claimed_until", Utc, nullable=False),
)

story = sa.Table(
    "story",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("first_seen_at", Utc, nullable=False, index=True),
)

story_key = sa.Table(
    "story_key",
    metadata,
    sa.Column("key", sa.BigInteger, nullable=False),  # shared by titles that may be one story
    sa.Column("story_id", Key, sa.ForeignKey("story.id", ondelete="CASCADE"), nullable=False),
    sa.Column("seen_at", Utc, nullable=False),
    sa.PrimaryKeyConstraint("key", "story_id"),
    sa.Index("ix_story_key_story_id", "story_id"),
)

article = sa.Table(
    "article",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("feed_id", Key, sa.ForeignKey("feed.id"), nullable=False),
    sa.Column("guid_hash", sa.Text, nullable=False),
    sa.Column("guid", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("published_raw", sa.Text, nullable=False),  # first clock: the publisher's words
    sa.Column("published_at", Utc),
    sa.Column("first_seen_at", Utc, nullable=False, index=True),  # second clock: ours
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("story_id", Key, sa.ForeignKey("story.id"), nullable=False, index=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("aside", sa.Text, nullable=False, server_default=""),  # not counted: why
    sa.Column("labelled_at", Utc),  # third clock; NULL: the label job still owes it
    sa.Column("claimed_until", Utc, nullable=False),
    sa.UniqueConstraint("feed_id", "guid_hash"),
)
unlabelled_index = sa.Index(
    "ix_article_unlabelled",
    article.c.first_seen_at,
    sqlite_where=article.c.labelled_at.is_(None),
    postgresql_where=article.c.labelled_at.is_(None),
)

label = sa.Table(
    "label",
    metadata,
    sa.Column("article_id", Key, sa.ForeignKey("article.id"), nullable=False),
    sa.Column("target", sa.Text, nullable=False),  # "" is the headline as a whole
    sa.Column("story_id", Key, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("sentiment", sa.Text, nullable=False),  # as chosen: what people are shown
    sa.Column("topic_probabilities", sa.JSON, nullable=False),
    sa.Column("sentiment_probabilities", sa.JSON, nullable=False),
    sa.Column("negative", sa.Boolean, nullable=False),  # the likeliest: what is counted
    sa.Column("checkpoint", sa.Text, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("labelled_at", Utc, nullable=False),
    sa.Column("first_seen_at", Utc, nullable=False),
    sa.Column("lead", sa.Boolean, nullable=False),  # first copy of its story: the one counted
    sa.Column("bin", Utc),  # where the detector counted it; NULL: not counted yet
    sa.PrimaryKeyConstraint("article_id", "target"),
    sa.Index("ix_label_story_id_target", "story_id", "target"),
    sa.Index("ix_label_bin_target_topic", "bin", "target", "topic"),
    sa.Index("ix_label_labelled_at", "labelled_at"),
)

bin_ = sa.Table(
    "bin",
    metadata,
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("start", Utc, nullable=False),
    sa.Column("width_s", sa.Integer, nullable=False),
    sa.Column("stories", sa.Integer, nullable=False),
    sa.Column("negatives", sa.Integer, nullable=False),
    sa.Column("baseline", sa.Float, nullable=False),
    sa.Column("log_evidence", sa.Float, nullable=False),
    sa.Column("gain", sa.Float, nullable=False),
    sa.PrimaryKeyConstraint("topic", "target", "start"),
    sa.Index("ix_bin_start", "start"),
)

stream_state = sa.Table(
    "stream_state",
    metadata,
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("topic", "target"),
)

companion_state = sa.Table(
    "companion_state",
    metadata,
    sa.Column("kind", sa.Text, nullable=False),  # of the alerts that it leads to
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("feed", sa.Text, nullable=False),  # "": the stream itself
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("kind", "topic", "target", "feed"),
)

companion_bin = sa.Table(
    "companion_bin",
    metadata,
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("start", Utc, nullable=False),
    sa.Column("width_s", sa.Integer, nullable=False),
    sa.Column("stories", sa.Integer, nullable=False),  # of a feed: its articles
    sa.Column("negatives", sa.Integer, nullable=False),
    sa.Column("baseline", sa.Float, nullable=False),
    sa.Column("expected", sa.Float, nullable=False),
    sa.Column("log_evidence", sa.Float, nullable=False),
    sa.Column("gain", sa.Float, nullable=False),
    sa.PrimaryKeyConstraint("kind", "topic", "target", "feed", "start"),
    sa.Index("ix_companion_bin_start", "start"),
)

heard_bin = sa.Table(
    "heard_bin",
    metadata,
    sa.Column("start", Utc, primary_key=True),  # a bin in which a feed answered
)

detector = sa.Table(
    "detector",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # one row: 1
    sa.Column("open_bin", Utc, nullable=False),  # start of the bin not yet judged
    sa.Column("width_s", sa.Integer, nullable=False),
    sa.Column("checkpoint", sa.Text, nullable=False),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, index=True),
    sa.Column("raised_at", Utc, nullable=False, index=True),
    sa.Column("resolved_at", Utc),
    sa.Column("parent", sa.Text, sa.ForeignKey("alert.id")),
    sa.Column("body", sa.JSON, nullable=False),  # the evidence, as it stood when raised
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("announcement", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("claimed_until", Utc, nullable=False),
    sa.Index("ix_delivery_state_due_at", "state", "due_at"),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last_success_at", Utc),
    sa.Column("last_error_at", Utc),
    sa.Column("last_error", sa.Text, nullable=False, default=""),
)
