"""Checkpoints that we know of, and what went live when, by whom and why.

What is live is the newest row of `promotion`; where there is none, what the configuration names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from monitor.store.tables_learning import checkpoint, promotion
from monitor.store.upsert import insert_or_ignore

Change = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class KnownCheckpoint:
    """A policy that was live or might go live."""

    id: str
    path: str  # its directory, absolute
    parent: str  # "" where there is none
    learner: str  # "" where it was not learned from verdicts
    metrics: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of what is live."""

    number: int
    checkpoint: str
    before: str  # what was live until then
    kind: Change
    reason: str
    by: str  # gate | a person
    at: datetime


def add_checkpoint(tx: sa.Connection, one: KnownCheckpoint) -> None:
    """A checkpoint that is known already keeps its history and takes the new place."""
    if not insert_or_ignore(tx, checkpoint, [asdict(one)]):
        moved = checkpoint.update().where(checkpoint.c.id == one.id)
        tx.execute(moved.values(path=one.path))


def find_checkpoint(tx: sa.Connection, id_: str) -> KnownCheckpoint | None:
    row = tx.execute(sa.select(checkpoint).where(checkpoint.c.id == id_)).first()
    return KnownCheckpoint(*row) if row else None


def checkpoints(tx: sa.Connection) -> list[KnownCheckpoint]:
    """Newest first."""
    query = sa.select(checkpoint).order_by(checkpoint.c.created_at.desc(), checkpoint.c.id)
    return [KnownCheckpoint(*row) for row in tx.execute(query)]


def forget_checkpoints(tx: sa.Connection, ids: Iterable[str]) -> None:
    """Their rows; promotions and trials that name them stay."""
    tx.execute(checkpoint.delete().where(checkpoint.c.id.in_(list(ids))))


def promote(
    tx: sa.Connection,
    id_: str,
    before: str,
    reason: str,
    by: str,
    at: datetime,
    kind: Change = "promote",
) -> Promotion:
    """From the next tick of its label job on every daemon serves `id_`."""
    row = {
        "checkpoint": id_, "before": before, "kind": kind, "reason": reason, "by": by, "at": at
    }  # fmt: skip
    number = tx.execute(promotion.insert().values(row).returning(promotion.c.number)).scalar_one()
    return Promotion(number, id_, before, kind, reason, by, at)


def newest_promotion(tx: sa.Connection) -> Promotion | None:
    row = tx.execute(sa.select(promotion).order_by(promotion.c.number.desc()).limit(1)).first()
    return Promotion(*row) if row else None


def promotions(tx: sa.Connection, limit: int = 1_000) -> list[Promotion]:
    """Newest first."""
    query = sa.select(promotion).order_by(promotion.c.number.desc()).limit(limit)
    return [Promotion(*row) for row in tx.execute(query)]


def counts_by_kind(tx: sa.Connection) -> dict[str, int]:
    """Promotions and rollbacks so far."""
    query = sa.select(promotion.c.kind, sa.func.count()).group_by(promotion.c.kind)
    return dict(tx.execute(query).tuples().all())
