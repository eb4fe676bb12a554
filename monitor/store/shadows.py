"""What a challenger says of the articles of the last days, beside what was said and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.companions import counts_as_positive
from monitor.store.tables import article, label
from monitor.store.tables_learning import shadow_label
from monitor.store.upsert import insert_or_ignore


@dataclass(frozen=True, slots=True)
class Owed:
    """A labelled (article, target) of which the challenger was not asked yet."""

    article_id: int
    target: str
    title: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """The challenger's answer; never counted, never shown as the policy's."""

    checkpoint: str
    article_id: int
    target: str
    topic: str
    sentiment: str
    negative: bool
    positive: bool


@dataclass(frozen=True, slots=True)
class Both:
    """One counted story (the first copy) by two policies, as each would have been counted."""

    story_id: int
    target: str
    first_seen_at: datetime
    champion_topic: str
    champion_negative: bool
    champion_positive: bool
    challenger_topic: str
    challenger_negative: bool
    challenger_positive: bool


def owed(tx: sa.Connection, checkpoint: str, since: datetime, limit: int) -> list[Owed]:
    """Newest first: what the queue serves first."""
    known = _of(checkpoint, sa.alias(shadow_label))
    query = (
        sa.select(label.c.article_id, label.c.target, article.c.title)
        .join(article, article.c.id == label.c.article_id)
        .where(label.c.first_seen_at >= since, label.c.checkpoint != checkpoint, ~known)
        .order_by(label.c.first_seen_at.desc(), label.c.article_id, label.c.target)
        .limit(limit)
    )
    return [Owed(*row) for row in tx.execute(query)]


def add(tx: sa.Connection, rows: Sequence[Shadow]) -> None:
    insert_or_ignore(tx, shadow_label, [asdict(row) for row in rows])


def leads(tx: sa.Connection, champion: str, challenger: str, since: datetime) -> list[Both]:
    """The counted stories since then that both have labelled.

    Either's answer is the label itself where it gave that, else its shadow.
    """
    new, old = sa.alias(shadow_label, "new"), sa.alias(shadow_label, "old")
    query = (
        sa.select(
            label.c.story_id,
            label.c.target,
            label.c.first_seen_at,
            *_said(champion, old),
            *_said(challenger, new),
        )
        .select_from(label)
        .outerjoin(new, _same(new) & (new.c.checkpoint == challenger))
        .outerjoin(old, _same(old) & (old.c.checkpoint == champion))
        .where(label.c.first_seen_at >= since, label.c.lead)
        .where((label.c.checkpoint == champion) | old.c.checkpoint.is_not(None))
        .where((label.c.checkpoint == challenger) | new.c.checkpoint.is_not(None))
        .order_by(label.c.first_seen_at, label.c.article_id, label.c.target)
    )
    return [Both(*row) for row in tx.execute(query)]


def headlines(
    tx: sa.Connection, since: datetime, until: datetime, limit: int
) -> list[tuple[str, str]]:
    """(headline, target) of counted stories first seen from `since` on and labelled by `until`.

    Newest first; asked again later it is the same answer.
    """
    query = (
        sa.select(article.c.title, label.c.target)
        .join_from(label, article, article.c.id == label.c.article_id)
        .where(label.c.first_seen_at >= since, label.c.labelled_at <= until, label.c.lead)
        .order_by(label.c.first_seen_at.desc(), label.c.article_id, label.c.target)
        .limit(limit)
    )
    return [(row.title, row.target) for row in tx.execute(query)]


def forget(tx: sa.Connection, keep: Iterable[str], before: datetime) -> None:
    """Drops what nobody will compare any more: other checkpoints, older articles."""
    tx.execute(shadow_label.delete().where(shadow_label.c.checkpoint.not_in(list(keep))))
    newest = sa.select(sa.func.max(article.c.id)).where(article.c.first_seen_at < before)
    tx.execute(shadow_label.delete().where(shadow_label.c.article_id <= newest.scalar_subquery()))


def _said(checkpoint: str, table: sa.FromClause) -> Iterator[sa.ColumnElement[Any]]:
    """Topic, negative and positive; the last two as they are counted."""
    own = (label.c.topic, label.c.negative, counts_as_positive())
    for said, shadow in zip(own, (table.c.topic, table.c.negative, table.c.positive), strict=True):
        yield sa.case((label.c.checkpoint == checkpoint, said), else_=shadow)


def _of(checkpoint: str, table: sa.FromClause) -> sa.ColumnElement[bool]:
    known = sa.select(table.c.article_id).where(_same(table), table.c.checkpoint == checkpoint)
    return known.exists()


def _same(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return (table.c.article_id == label.c.article_id) & (table.c.target == label.c.target)
