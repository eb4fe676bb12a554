"""The queue of reviews: which question was put to whom, and whether it was answered.

A question that was never answered is pending, which is no "no": it stands open for others, and
after a while for the same analyst.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables_learning import gold_item, review_item
from monitor.store.upsert import insert_or_ignore
from policy.verdicts import Head, Why

_SOME = 500  # SQLite bounds the variables of one statement


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A question as one analyst was asked it; a row of the table."""

    id: str
    analyst: str
    article_id: int | None
    story_id: int | None
    text: str
    target: str
    head: Head
    why: Why
    selection: float  # probability that the serving put this question, in (0, 1]
    shown: str  # "" where blind or a pair
    propensities: Mapping[str, float]  # of each label that might have been shown; sum to 1
    options: Sequence[str]  # of a pair, in the order shown
    trial: int | None
    truth: str
    alert_id: str
    checkpoint: str
    origin: str
    url: str
    seen_at: datetime | None
    served_at: datetime
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """That a question was put to somebody."""

    id: str
    analyst: str
    article_id: int | None
    story_id: int | None
    target: str
    head: Head
    served_at: datetime
    answer: str  # "" while it is pending


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A question whose answer is known because several trusted analysts gave it."""

    id: str
    article_id: int
    story_id: int | None
    text: str
    target: str
    head: Head
    truth: str
    origin: str
    url: str
    voices: Sequence[str]
    made_at: datetime


def one_at_a_time(tx: sa.Connection, analyst: str) -> None:
    """Until this transaction ends nobody else serves this analyst.

    Writers on SQLite are alone as it is.
    """
    if tx.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("review " + analyst, 0))
        tx.execute(sa.select(lock))


def add(tx: sa.Connection, item: ReviewItem) -> bool:
    """False where it was served before. Raises ValueError for propensities that are none."""
    drawn = item.propensities
    if item.shown and not (
        math.isclose(sum(drawn.values()), 1, abs_tol=1e-9) and drawn.get(item.shown, 0) > 0
    ):
        raise ValueError(f"review item {item.id}: propensities {drawn} do not fit {item.shown!r}")
    if not 0 < item.selection <= 1:
        raise ValueError(f"review item {item.id}: selection {item.selection} is not in (0, 1]")
    row = asdict(item) | {"propensities": dict(drawn), "options": list(item.options)}
    return bool(insert_or_ignore(tx, review_item, [row]))


def get(tx: sa.Connection, item_id: str) -> ReviewItem | None:
    row = tx.execute(sa.select(review_item).where(review_item.c.id == item_id)).first()
    return ReviewItem(**row._mapping) if row else None


def serve_again(tx: sa.Connection, item_id: str, now: datetime) -> None:
    """The same question with the same label, as it was drawn the first time."""
    tx.execute(review_item.update().where(review_item.c.id == item_id).values(served_at=now))


def note_answer(tx: sa.Connection, item_id: str, answer: str, now: datetime) -> bool:
    """False where it was answered before."""
    pending = review_item.update().where(
        review_item.c.id == item_id, review_item.c.answered_at.is_(None)
    )
    return tx.execute(pending.values(answered_at=now, answer=answer)).rowcount == 1


def about(tx: sa.Connection, ids: Sequence[str], stories: Collection[int]) -> list[Put]:
    """What was put to anybody under these ids or of these stories."""
    found: dict[str, Put] = {}
    for column, values in ((review_item.c.id, ids), (review_item.c.story_id, sorted(stories))):
        for some in _parts(values):
            found |= {row.id: Put(*row) for row in tx.execute(_puts().where(column.in_(some)))}
    return list(found.values())


def pending(tx: sa.Connection, analyst: str, since: datetime) -> ReviewItem | None:
    """What this analyst was asked last, from `since` on, and has not answered."""
    c = review_item.c
    query = (
        sa.select(review_item)
        .where(c.analyst == analyst, c.answered_at.is_(None), c.served_at > since)
        .order_by(c.served_at.desc(), c.id)
        .limit(1)
    )
    row = tx.execute(query).first()
    return ReviewItem(**row._mapping) if row else None


def count_answered(tx: sa.Connection, analyst: str, since: datetime) -> int:
    """How many questions this analyst has answered from `since` on, skipped ones included."""
    c = review_item.c
    query = sa.select(sa.func.count()).where(c.analyst == analyst, c.answered_at >= since)
    return int(tx.execute(query).scalar_one())


def answers_in(tx: sa.Connection, trial: int) -> dict[str, int]:
    """How many pairs of a trial each analyst has judged; those skipped do not count."""
    c = review_item.c
    judged = (c.trial == trial) & c.answer.in_(("confirm", "reject"))
    query = sa.select(c.analyst, sa.func.count()).where(judged).group_by(c.analyst)
    return dict(tx.execute(query).tuples().all())


def lately(tx: sa.Connection, analyst: str, limit: int) -> list[tuple[str, str]]:
    """(text, target) of what this analyst was asked last, newest first."""
    query = (
        sa.select(review_item.c.text, review_item.c.target)
        .where(review_item.c.analyst == analyst)
        .order_by(review_item.c.served_at.desc())
        .limit(limit)
    )
    return [(text, target) for text, target in tx.execute(query)]


def answered_lately(tx: sa.Connection, since: datetime, limit: int) -> list[Put]:
    """Questions about articles that somebody confirmed or rejected, newest first."""
    said = review_item.c.answer.in_(("confirm", "reject")) & (review_item.c.truth == "")
    query = (
        _puts()
        .where(said, review_item.c.answered_at >= since, review_item.c.article_id.is_not(None))
        .order_by(review_item.c.answered_at.desc())
        .limit(limit)
    )
    return [Put(*row) for row in tx.execute(query)]


def add_gold(tx: sa.Connection, item: GoldItem) -> None:
    """One that is there already stays as it is."""
    insert_or_ignore(tx, gold_item, [asdict(item) | {"voices": list(item.voices)}])


def gold(tx: sa.Connection, limit: int) -> list[GoldItem]:
    """Newest first."""
    query = sa.select(gold_item).order_by(gold_item.c.made_at.desc(), gold_item.c.id).limit(limit)
    return [GoldItem(**row._mapping) for row in tx.execute(query)]


def _puts() -> sa.Select[Any]:
    return sa.select(*(review_item.c[name] for name in Put.__dataclass_fields__))


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _SOME):
        yield values[start : start + _SOME]
