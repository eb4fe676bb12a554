"""How far each analyst is believed, as the last round of learning reckoned it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.tables_learning import standing

TRUSTED, WATCHED, ADVERSARY = "trusted", "watched", "adversary"


@dataclass(frozen=True, slots=True)
class KeptStanding:
    """One analyst over both heads."""

    analyst: str
    standing: str  # trusted | watched | adversary
    trust: float  # α − κ: how much more often the right label is confirmed than a wrong one
    verdicts: int
    figures: Mapping[str, Any]
    at: datetime


def keep(tx: sa.Connection, all_of_them: Sequence[KeptStanding]) -> None:
    """In place of what was kept before."""
    tx.execute(standing.delete())
    if all_of_them:
        tx.execute(standing.insert(), [asdict(one) for one in all_of_them])


def latest(tx: sa.Connection) -> list[KeptStanding]:
    """Least trusted first."""
    query = sa.select(standing).order_by(standing.c.trust, standing.c.analyst)
    return [KeptStanding(*row) for row in tx.execute(query)]


def adversaries(tx: sa.Connection) -> list[KeptStanding]:
    """Those who answer falsely, least trusted first."""
    return [one for one in latest(tx) if one.standing == ADVERSARY]
