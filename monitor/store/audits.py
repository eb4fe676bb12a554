"""What analysts said of sentiments that were counted, beside how they were counted.

Stories are asked about for a reason or at random (`why` "audit"). Those with a known answer and
those imported are left out: neither is of a label that a policy gave to a story.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.companions import counts_as_positive
from monitor.store.tables import label
from monitor.store.tables_learning import review_item, verdict
from policy.verdicts import Answer, Why

_ASKED: tuple[Why, ...] = ("audit", "uncertain", "disagreement", "alert")


@dataclass(frozen=True, slots=True)
class Heard:
    """One verdict on the sentiment of one counted label."""

    story_id: int
    target: str
    negative: bool  # as it was counted
    positive: bool
    first_seen_at: datetime
    why: Why
    shown: str  # "" where blind, or a pair
    answer: Answer  # confirm | reject
    correction: str
    options: Sequence[str]  # of a pair
    at: datetime


def heard(
    tx: sa.Connection, checkpoint: str, of_names: bool, unheard: Collection[str]
) -> list[Heard]:
    """Verdicts on labels that this checkpoint gave, in order, without those of `unheard` analysts.

    Of labels towards names, or of headlines as such.
    """
    v, item = verdict.c, review_item.c
    query = (
        sa.select(
            label.c.story_id,
            label.c.target,
            label.c.negative,
            counts_as_positive().label("positive"),
            label.c.first_seen_at,
            v.why,
            v.shown,
            v.answer,
            v.correction,
            item.options,
            v.at,
        )
        .join_from(
            verdict, label, (label.c.article_id == v.article_id) & (label.c.target == v.target)
        )
        .outerjoin(review_item, item.id == v.item_id)
        .where(v.head == "sentiment", v.why.in_(_ASKED), v.answer.in_(("confirm", "reject")))
        .where(v.checkpoint == checkpoint, v.analyst.not_in(list(unheard)))
        .where(label.c.checkpoint == checkpoint, label.c.lead, _kind(of_names))
        .order_by(v.number)
    )
    rows = (row._asdict() for row in tx.execute(query))
    return [Heard(**row | {"options": row["options"] or ()}) for row in rows]


def counted(
    tx: sa.Connection, checkpoint: str, of_names: bool, since: datetime
) -> dict[datetime, int]:
    """How many labels of this kind it gave to stories, by the bin in which they were counted."""
    query = (
        sa.select(label.c.bin, sa.func.count())
        .where(label.c.bin >= since)
        .where(label.c.checkpoint == checkpoint, label.c.lead, _kind(of_names))
        .group_by(label.c.bin)
    )
    return dict(tx.execute(query).tuples().all())


def _kind(of_names: bool) -> sa.ColumnElement[Any]:
    return label.c.target != "" if of_names else label.c.target == ""
