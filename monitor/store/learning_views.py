"""What is told of learning, to Prometheus and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from monitor.store import learning, trials
from monitor.store.tables_learning import standing, verdict

RECENT = 500  # audit verdicts that the mean reward is of


@dataclass(frozen=True, slots=True)
class Audited:
    """The newest verdicts on labels that were chosen for review uniformly."""

    verdicts: int
    confirmed: int

    @property
    def reward(self) -> float:
        """Of a verdict: 1 confirmed, 0 rejected. NaN where there is none."""
        return self.confirmed / self.verdicts if self.verdicts else float("nan")


def answers(tx: sa.Connection) -> dict[tuple[str, ...], int]:
    """All verdicts ever, by (answer, why they were asked for)."""
    v = verdict.c
    query = sa.select(v.answer, v.why, sa.func.count()).group_by(v.answer, v.why)
    return {(answer, why): count for answer, why, count in tx.execute(query)}


def audited(tx: sa.Connection, newest: int = RECENT) -> Audited:
    """Of what was shown: a blind item shows nothing that could be right."""
    v = verdict.c
    last = (
        sa.select(v.answer)
        .where(v.why == "audit", v.shown != "", v.answer != "abstain")
        .order_by(v.number.desc())
        .limit(newest)
        .subquery()
    )
    query = sa.select(last.c.answer, sa.func.count()).group_by(last.c.answer)
    counts: dict[str, int] = dict(tx.execute(query).tuples().all())
    return Audited(sum(counts.values()), counts.get("confirm", 0))


def outcomes(tx: sa.Connection) -> Mapping[str, int]:
    """What went live and was rolled back, by the gate or by a person; what was refused or kept."""
    changes, ended = learning.counts_by_kind(tx), trials.counts_by_state(tx)
    return {
        "promoted": changes.get("promote", 0),
        "rolled_back": changes.get("rollback", 0),
        "refused": ended["refused"],
        "kept": ended["kept"],
    }


def analysts(tx: sa.Connection) -> dict[str, int]:
    """How many stand how; nobody's name."""
    query = sa.select(standing.c.standing, sa.func.count()).group_by(standing.c.standing)
    return dict(tx.execute(query).tuples().all())
