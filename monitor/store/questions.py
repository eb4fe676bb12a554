"""What may be asked of analysts: one head of one counted label, as its policy believed it.

Only the first copy of a story is ever asked about. Reads labels and shadow labels, changes neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables import article, bin_, label
from monitor.store.tables_learning import review_item, shadow_label
from monitor.store.trials import Trial
from policy.verdicts import Head

_HEADS: tuple[Head, ...] = ("topic", "sentiment")
_SOME = 500  # SQLite bounds the variables of one statement


@dataclass(frozen=True, slots=True)
class Question:
    """One head of one (text, target), or a gold item, which need not be an article."""

    text: str
    target: str
    head: Head
    article_id: int | None = None
    story_id: int | None = None
    topic: str = ""  # that it is counted in
    probabilities: tuple[float, ...] = ()  # in the order of LABELS[head]; () for gold
    checkpoint: str = ""
    origin: str = ""
    url: str = ""
    seen_at: datetime | None = None
    options: tuple[str, ...] = ()  # of a disagreement: the champion's label, the challenger's
    trial: int | None = None  # of a disagreement
    truth: str = ""  # of a gold item
    alert_id: str = ""  # of an alert whose labels were called wrong


def span(tx: sa.Connection, since: datetime) -> range:
    """The ids among which all articles first seen since then are; few others."""
    c = article.c
    first = sa.select(c.id).where(c.first_seen_at >= since).order_by(c.first_seen_at, c.id).limit(1)
    begin, last = tx.execute(first).scalar(), tx.execute(sa.select(sa.func.max(c.id))).scalar()
    return range(0) if begin is None or last is None else range(begin, last + 1)


def of_articles(tx: sa.Connection, ids: Collection[int], since: datetime) -> list[Question]:
    """Every head of the counted labels of these articles."""
    recent = label.c.first_seen_at >= since
    return [
        one
        for some in _parts(sorted(ids))
        for row in tx.execute(_leads().where(label.c.article_id.in_(some), recent))
        for one in _questions(row)
    ]


def unasked(tx: sa.Connection, analyst: str, since: datetime, lapsed: datetime) -> list[int]:
    """Articles with a counted label of which some head was answered by nobody, and whose story
    was not put to this analyst, or before `lapsed` and never answered."""
    asked = review_item.c
    same = asked.story_id == label.c.story_id
    pending = (asked.answer == "") & (asked.served_at <= lapsed)
    mine = sa.exists().where(same, asked.analyst == analyst, ~pending)

    def answered(head: Head) -> sa.ColumnElement[bool]:
        about = same & (asked.target == label.c.target) & (asked.head == head)
        return sa.exists().where(about, asked.answer.in_(("confirm", "reject")))

    left = ~answered("sentiment") | ((label.c.target == "") & ~answered("topic"))
    query = sa.select(label.c.article_id).where(label.c.lead, label.c.first_seen_at >= since)
    return sorted(set(tx.execute(query.where(left, ~mine)).scalars()))


def of_stories(tx: sa.Connection, ids: Collection[int], target: str) -> list[Question]:
    """Every head of the labels by which these stories were counted towards `target`."""
    query = _leads().where(label.c.target == target)
    return [
        one
        for some in _parts(sorted(ids))
        for row in tx.execute(query.where(label.c.story_id.in_(some)))
        for one in _questions(row)
    ]


def differing(
    tx: sa.Connection, ids: Collection[int], trial: Trial, since: datetime
) -> list[Question]:
    """Of these articles: what the two sides of a trial label differently, with both labels."""
    found: list[Question] = []
    for some in _parts(sorted(ids)):
        for row in tx.execute(_beside(trial).where(label.c.article_id.in_(some))):
            if row.first_seen_at >= since:
                found.extend(_differences(row, trial))
    return found


def first_shadow(tx: sa.Connection, trial: Trial) -> int | None:
    """The lowest article that either side of a trial has labelled in the other's shadow."""
    lowest = [
        tx.execute(
            sa.select(sa.func.min(shadow_label.c.article_id)).where(
                shadow_label.c.checkpoint == side
            )
        ).scalar()
        for side in (trial.challenger, trial.champion)
    ]
    return min((one for one in lowest if one is not None), default=None)


def place(tx: sa.Connection, from_id: int) -> tuple[str, datetime] | None:
    """Outlet and time of the first article from this id on."""
    c = article.c
    query = sa.select(c.origin, c.first_seen_at).where(c.id >= from_id).order_by(c.id).limit(1)
    row = tx.execute(query).first()
    return (row[0], row[1]) if row else None


def evidence(tx: sa.Connection, since: datetime) -> dict[tuple[str, str], float]:
    """The largest ln M of each (topic, target) in the bins since then."""
    query = (
        sa.select(bin_.c.topic, bin_.c.target, sa.func.max(bin_.c.log_evidence))
        .where(bin_.c.start >= since)
        .group_by(bin_.c.topic, bin_.c.target)
    )
    return {(topic, target): float(most) for topic, target, most in tx.execute(query)}


def _leads() -> sa.Select[Any]:
    a, lb = article.c, label.c
    return (
        sa.select(
            lb.article_id, lb.story_id, lb.target, lb.topic, lb.sentiment, lb.checkpoint,
            lb.topic_probabilities, lb.sentiment_probabilities, lb.first_seen_at,
            a.title, a.origin, a.url,
        )
        .join_from(label, article, a.id == lb.article_id)
        .where(lb.lead)
        .order_by(lb.article_id, lb.target)
    )  # fmt: skip


def _beside(trial: Trial) -> sa.Select[Any]:
    """Labels of one side joined with the shadow labels of the other, where they differ."""
    sides, other = (trial.champion, trial.challenger), shadow_label.c
    return (
        _leads()
        .add_columns(other.topic.label("other_topic"), other.sentiment.label("other_sentiment"))
        .join(
            shadow_label,
            (other.article_id == label.c.article_id) & (other.target == label.c.target),
        )
        .where(other.checkpoint.in_(sides), label.c.checkpoint.in_(sides))
        .where(other.checkpoint != label.c.checkpoint)
        .where((other.topic != label.c.topic) | (other.sentiment != label.c.sentiment))
    )


def _questions(row: Any) -> Iterator[Question]:
    for head in _HEADS if not row.target else _HEADS[1:]:  # the topic is the headline's
        yield _question(row, head)


def _differences(row: Any, trial: Trial) -> Iterator[Question]:
    for head in _HEADS if not row.target else _HEADS[1:]:
        own, other = getattr(row, head), getattr(row, f"other_{head}")
        if own != other:
            labels = (own, other) if row.checkpoint == trial.champion else (other, own)
            yield _question(row, head, options=labels, trial=trial.number)


def _question(row: Any, head: Head, **more: Any) -> Question:
    return Question(
        text=row.title,
        target=row.target,
        head=head,
        article_id=row.article_id,
        story_id=row.story_id,
        topic=row.topic,
        probabilities=tuple(getattr(row, f"{head}_probabilities")),
        checkpoint=row.checkpoint,
        origin=row.origin,
        url=row.url,
        seen_at=row.first_seen_at,
        **more,
    )


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _SOME):
        yield ids[start : start + _SOME]
