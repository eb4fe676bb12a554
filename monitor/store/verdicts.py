"""The log of what analysts said of labels: append-only, numbered in the order of arrival."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables_learning import verdict
from monitor.store.upsert import insert_or_ignore
from policy.verdicts import Head, Verdict

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Numbered:
    """A verdict and its place in the log."""

    number: int
    verdict: Verdict


def add(
    tx: sa.Connection,
    said: Sequence[Verdict],
    recorded_at: datetime,
    item_id: str = "",
    article_id: int | None = None,
) -> int:
    """Appends those whose ids are new and returns how many; the others stay as they are.

    `item_id` and `article_id` are of the review item that was answered; imports have none.
    """
    served = {"item_id": item_id, "article_id": article_id, "recorded_at": recorded_at}
    return len(insert_or_ignore(tx, verdict, [asdict(one) | served for one in said]))


def logged(tx: sa.Connection, after: int = 0, through: int | None = None) -> list[Numbered]:
    """Those numbered above `after`, up to `through`, in order."""
    query = _numbered().where(verdict.c.number > after).order_by(verdict.c.number)
    if through is not None:
        query = query.where(verdict.c.number <= through)
    return [Numbered(row[0], Verdict(*row[1:])) for row in tx.execute(query)]


def count(tx: sa.Connection, through: int) -> int:
    """How many are numbered up to `through`: numbers may be left out, as by a repeated import."""
    query = sa.select(sa.func.count()).where(verdict.c.number <= through)
    return int(tx.execute(query.select_from(verdict)).scalar_one())


def stream(tx: sa.Connection) -> Iterator[Verdict]:
    """All of them in order, a few at a time."""
    for row in tx.execute(_numbered().order_by(verdict.c.number)).yield_per(_BATCH):
        yield Verdict(*row[1:])


def get(tx: sa.Connection, verdict_id: str) -> Verdict | None:
    row = tx.execute(_numbered().where(verdict.c.id == verdict_id)).first()
    return Verdict(*row[1:]) if row else None


def of_article(tx: sa.Connection, article_id: int, target: str, head: Head) -> list[Verdict]:
    """What was said of one head of one label, in order; imports are of no article."""
    mine = (verdict.c.article_id == article_id) & (verdict.c.target == target)
    query = _numbered().where(mine, verdict.c.head == head).order_by(verdict.c.number)
    return [Verdict(*row[1:]) for row in tx.execute(query)]


def _numbered() -> sa.Select[Any]:
    fields = (verdict.c[field] for field in Verdict.__dataclass_fields__)
    return sa.select(verdict.c.number, *fields)
