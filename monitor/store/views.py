"""What the pages read. Every query is held to a window of time or a number of rows by an index,
so that a page costs the same with a million articles as with a thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.types import Copy, Stream
from monitor.store.tables import alert, article, label, story
from policy.types import SENTIMENTS


@dataclass(frozen=True, slots=True)
class Volume:
    """How much news came in."""

    articles_hour: int
    articles_day: int
    stories_day: int


@dataclass(frozen=True, slots=True)
class Live:
    """The policy behind the newest label."""

    checkpoint: str
    tier: str
    labelled_at: datetime


@dataclass(frozen=True, slots=True)
class TargetSentiment:
    """What one headline says about one watched name, by the label chosen."""

    target: str
    sentiment: str
    probability: float  # of that sentiment


@dataclass(frozen=True, slots=True)
class Headline:
    """A story's first copy and the label chosen for it."""

    article_id: int
    story_id: int
    title: str
    url: str
    origin: str
    first_seen_at: datetime
    topic: str
    sentiment: str
    probability: float  # of that sentiment
    other_outlets: int = 0  # that carried the same story
    targets: tuple[TargetSentiment, ...] = ()
    negative: bool = False  # counted so: negative is the likeliest, whatever label was chosen


def volume(tx: sa.Connection, now: datetime) -> Volume:
    """Articles of the last hour and day and stories of the last day."""
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    return Volume(
        _count_since(tx, article.c.first_seen_at, hour),
        _count_since(tx, article.c.first_seen_at, day),
        _count_since(tx, story.c.first_seen_at, day),
    )


def live(tx: sa.Connection) -> Live | None:
    """Which policy labelled last; None before the first label."""
    newest = (
        sa.select(label.c.checkpoint, label.c.tier, label.c.labelled_at)
        .order_by(label.c.labelled_at.desc())
        .limit(1)
    )
    row = tx.execute(newest).first()
    return Live(*row) if row else None


def tiers(tx: sa.Connection, since: datetime) -> dict[str, int]:
    """Labels given since then, by the tier that gave them."""
    query = (
        sa.select(label.c.tier, sa.func.count())
        .where(label.c.labelled_at >= since)
        .group_by(label.c.tier)
    )
    return dict(tx.execute(query).tuples().all())


def alert_ids(tx: sa.Connection, stream: Stream, since: datetime, limit: int) -> list[str]:
    """Alerts of one stream raised after `since`, newest first."""
    query = (
        sa.select(alert.c.id)
        .where(alert.c.raised_at >= since)
        .where(alert.c.topic == stream.topic, alert.c.target == stream.target)
        .order_by(alert.c.raised_at.desc())
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def headlines(tx: sa.Connection, since: datetime, limit: int) -> list[Headline]:
    """The newest labelled stories since `since`, each by its first copy, newest first."""
    newest = (
        _labelled()
        .where(label.c.target == "", label.c.lead, label.c.labelled_at >= since)
        .order_by(label.c.labelled_at.desc(), label.c.article_id.desc())
        .limit(limit)
    )
    return _complete(tx, tx.execute(newest).all())


def stories_of(
    tx: sa.Connection, stream: Stream, since: datetime, until: datetime, limit: int
) -> list[Headline]:
    """Stories that the detector counted in one stream in bins of [since, until], newest first.

    The sentiment is that towards the stream's target where it has one: the label chosen, for
    people to see. What the detector counted is `negative`.
    """
    counted = (
        _labelled()
        .where(label.c.bin.between(since, until), label.c.target == stream.target, label.c.lead)
        .order_by(label.c.bin.desc(), label.c.first_seen_at.desc())
        .limit(limit)
    )
    if stream.topic:
        counted = counted.where(label.c.topic == stream.topic)
    return _complete(tx, tx.execute(counted).all())


def copies_of(tx: sa.Connection, story_ids: Sequence[int]) -> dict[int, tuple[Copy, ...]]:
    """Every copy of each story, oldest first."""
    query = (
        sa.select(article.c.story_id, article.c.origin, article.c.url, article.c.first_seen_at)
        .where(article.c.story_id.in_(story_ids))
        .order_by(article.c.first_seen_at)
    )
    found: dict[int, list[Copy]] = {}
    for story_id, *copy in tx.execute(query):
        found.setdefault(story_id, []).append(Copy(*copy))
    return {story_id: tuple(copies) for story_id, copies in found.items()}


def _count_since(tx: sa.Connection, column: sa.Column[Any], since: datetime) -> int:
    return int(tx.execute(sa.select(sa.func.count()).where(column >= since)).scalar_one())


def _labelled() -> sa.Select[Any]:
    a, lb = article.c, label.c
    return sa.select(
        a.id, a.story_id, a.title, a.url, a.origin, a.first_seen_at,
        lb.topic, lb.sentiment, lb.sentiment_probabilities, lb.negative,
    ).join_from(label, article, a.id == lb.article_id)  # fmt: skip


def _complete(tx: sa.Connection, rows: Sequence[Any]) -> list[Headline]:
    outlets = _outlets(tx, {row.story_id for row in rows})
    named = _named(tx, [row.id for row in rows])
    return [
        Headline(
            row.id,
            row.story_id,
            row.title,
            row.url,
            row.origin,
            row.first_seen_at,
            row.topic,
            row.sentiment,
            _probability(row.sentiment, row.sentiment_probabilities),
            outlets.get(row.story_id, 1) - 1,
            tuple(named.get(row.id, ())),
            row.negative,
        )
        for row in rows
    ]


def _outlets(tx: sa.Connection, stories: set[int]) -> dict[int, int]:
    """How many outlets carried each story."""
    query = (
        sa.select(article.c.story_id, sa.func.count(article.c.origin.distinct()))
        .where(article.c.story_id.in_(stories))
        .group_by(article.c.story_id)
    )
    return dict(tx.execute(query).tuples().all())


def _named(tx: sa.Connection, articles: Sequence[int]) -> dict[int, list[TargetSentiment]]:
    """What the headlines say about watched names, by article."""
    query = (
        sa.select(
            label.c.article_id, label.c.target, label.c.sentiment, label.c.sentiment_probabilities
        )
        .where(label.c.article_id.in_(articles), label.c.target != "")
        .order_by(label.c.article_id, label.c.target)
    )
    found: dict[int, list[TargetSentiment]] = {}
    for article_id, target, sentiment, probabilities in tx.execute(query):
        towards = TargetSentiment(target, sentiment, _probability(sentiment, probabilities))
        found.setdefault(article_id, []).append(towards)
    return found


def _probability(sentiment: str, probabilities: Sequence[float]) -> float:
    """Of the label chosen, which need not be the likeliest."""
    return probabilities[SENTIMENTS.index(sentiment)]
