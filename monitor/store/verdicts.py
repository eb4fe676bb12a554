"""The log of what analysts said of labels: append-only, numbered in the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables_learning import verdict
from monitor.store.upsert import insert_or_ignore
from policy.verdicts import Verdict


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


def _numbered() -> sa.Select[Any]:
    fields = (verdict.c[field] for field in Verdict.__dataclass_fields__)
    return sa.select(verdict.c.number, *fields)
