"""What people said of candidates on trial: append-only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from monitor.store.tables_learning import vote
from monitor.store.upsert import insert_or_ignore

Say = Literal["approve", "refuse"]
Route = Literal["shell", "api", "page"]


@dataclass(frozen=True, slots=True)
class Vote:
    """One person about one trial."""

    id: str  # unique; the same said twice has the same
    trial: int
    checkpoint: str  # what they looked at: an id is a hash of the content
    passed_at: datetime | None  # the proof that they looked at; None: there was none yet
    person: str
    answer: Say
    reason: str
    route: Route
    at: datetime


def add(tx: sa.Connection, new: Vote) -> bool:
    """Appends one; False where one of its id is there already, which stays as it is."""
    return bool(insert_or_ignore(tx, vote, [asdict(new)]))


def of(tx: sa.Connection, trial: int) -> Sequence[Vote]:
    """All that was said of a trial, oldest first."""
    return of_each(tx, [trial])[trial]


def of_each(tx: sa.Connection, numbers: Collection[int]) -> dict[int, list[Vote]]:
    """The same of several trials; empty where nobody has said anything."""
    said: dict[int, list[Vote]] = {number: [] for number in numbers}
    query = _rows().where(vote.c.trial.in_(numbers)).order_by(vote.c.number)
    for row in tx.execute(query):
        said[row.trial].append(Vote(*row))
    return said


def _rows() -> sa.Select[Any]:
    return sa.select(*(vote.c[field] for field in Vote.__dataclass_fields__))
