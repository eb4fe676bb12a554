"""The past as it was counted, for trying another configuration on it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables import article, label


@dataclass(frozen=True, slots=True)
class Counted:
    """One label of one article, and when the detector counted it."""

    story_id: int
    target: str
    topic: str
    title: str
    origin: str
    url: str
    at: datetime  # first seen; the beginning of its bin where the label came too late for its own
    seen_at: datetime
    negative: bool
    probability_negative: float
    lead: bool  # the first copy of its story
    checkpoint: str
    fallback: bool


def newest(tx: sa.Connection) -> datetime | None:
    """When the last article that has labels was first seen."""
    seen: datetime | None = tx.execute(sa.select(sa.func.max(label.c.first_seen_at))).scalar()
    return seen


def since(tx: sa.Connection, first: datetime) -> list[Counted]:
    """Labels of articles first seen at or after `first`, in the order in which they were counted.

    A label that has no bin yet counts when its article was seen.
    """
    lb, a = label.c, article.c
    query = (
        sa.select(
            lb.story_id, lb.target, lb.topic, a.title, a.origin, a.url, lb.bin, lb.first_seen_at,
            lb.negative, lb.sentiment_probabilities, lb.lead, lb.checkpoint, lb.tier,
        )
        .join_from(label, article, a.id == lb.article_id)
        .where(lb.first_seen_at >= first)
        .order_by(lb.first_seen_at, lb.article_id, lb.target)
    )  # fmt: skip
    return sorted((_counted(row) for row in tx.execute(query)), key=lambda one: one.at)


def targets(tx: sa.Connection) -> frozenset[str]:
    """Every name that some headline was ever labelled towards."""
    query = sa.select(label.c.target).where(label.c.target != "").distinct()
    return frozenset(tx.execute(query).scalars())


def _counted(row: Any) -> Counted:
    return Counted(
        story_id=row.story_id,
        target=row.target,
        topic=row.topic,
        title=row.title,
        origin=row.origin,
        url=row.url,
        at=max(row.bin or row.first_seen_at, row.first_seen_at),
        seen_at=row.first_seen_at,
        negative=row.negative,
        probability_negative=float(row.sentiment_probabilities[0]),
        lead=row.lead,
        checkpoint=row.checkpoint,
        fallback=row.tier == "fallback",
    )
