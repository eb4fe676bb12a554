"""Challengers held against the champion, and what each verdict says in a trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from monitor.store.tables_learning import judgement, trial, verdict

Kind = Literal["promotion", "probation"]
State = Literal["shadow", "waiting", "promoted", "refused", "kept", "rolled_back"]
# On trial: judged, or passed and waiting for people to approve it.
OPEN: tuple[State, ...] = ("shadow", "waiting")


@dataclass(frozen=True, slots=True)
class Opening:
    """A trial as it begins."""

    kind: Kind
    challenger: str
    champion: str
    test: int  # k: which test of its quarter this is; 0: refused before there was one
    trained_through: int  # verdict.number: neither of the two learned from later ones
    looked_through: int  # verdict.number: what came up to here says nothing in this trial
    opened_at: datetime
    report: Mapping[str, Any]
    state: State = "shadow"
    reasons: Sequence[str] = ()
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A row of the table."""

    number: int
    kind: Kind
    challenger: str
    champion: str
    state: State
    reasons: Sequence[str]
    report: Mapping[str, Any]
    test: int
    trained_through: int
    looked_through: int
    opened_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one verdict says: z = 1 the challenger is right, -1 the champion, 0 neither."""

    trial: int
    verdict: int
    champion_label: str
    challenger_label: str
    z: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement with what the gate groups by."""

    z: int
    verdict: int
    analyst: str
    head: str
    text: str
    target: str
    champion_label: str
    challenger_label: str


@dataclass(frozen=True, slots=True)
class Habit:
    """An analyst's rejections of labels that were shown, and those that named the right one."""

    rejected: int
    corrected: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Verdicts after a number."""

    count: int
    oldest: datetime | None  # recorded_at
    newest: int  # number


def begin(tx: sa.Connection, opening: Opening) -> Trial:
    row = asdict(opening) | {"reasons": list(opening.reasons), "report": dict(opening.report)}
    number = tx.execute(trial.insert().values(row).returning(trial.c.number)).scalar_one()
    return Trial(number=number, **row)


def get(tx: sa.Connection, number: int) -> Trial | None:
    row = tx.execute(sa.select(trial).where(trial.c.number == number)).first()
    return _trial(row) if row else None


def open_trials(tx: sa.Connection) -> list[Trial]:
    """Those not decided yet, oldest first: one of a kind at most."""
    query = sa.select(trial).where(trial.c.state.in_(OPEN)).order_by(trial.c.number)
    return [_trial(row) for row in tx.execute(query)]


def newest(tx: sa.Connection, kind: Kind) -> Trial | None:
    query = sa.select(trial).where(trial.c.kind == kind).order_by(trial.c.number.desc()).limit(1)
    row = tx.execute(query).first()
    return _trial(row) if row else None


def latest(tx: sa.Connection, limit: int) -> list[Trial]:
    """Newest first."""
    query = sa.select(trial).order_by(trial.c.number.desc()).limit(limit)
    return [_trial(row) for row in tx.execute(query)]


def of_challenger(tx: sa.Connection, id_: str) -> list[Trial]:
    """Every trial that a checkpoint stood in as a candidate, newest first."""
    mine = (trial.c.challenger == id_) & (trial.c.kind == "promotion")
    query = sa.select(trial).where(mine).order_by(trial.c.number.desc())
    return [_trial(row) for row in tx.execute(query)]


def tests_since(tx: sa.Connection, since: datetime) -> int:
    """Sequential tests of candidates that began since then: what the error is shared among."""
    query = sa.select(sa.func.count()).where(
        trial.c.kind == "promotion", trial.c.test > 0, trial.c.opened_at >= since
    )
    return int(tx.execute(query).scalar_one())


def note(
    tx: sa.Connection,
    number: int,
    looked_through: int,
    report: Mapping[str, Any],
    state: State = "shadow",
) -> None:
    """How far a trial has come that is open, and stays so in `state`, shadow or waiting."""
    moved = {"looked_through": looked_through, "report": dict(report), "state": state}
    tx.execute(_still_open(number).values(moved))


def decide(
    tx: sa.Connection, number: int, state: State, reasons: Sequence[str], at: datetime
) -> bool:
    """Ends a trial; False where it had ended already."""
    ended = {"state": state, "reasons": list(reasons), "decided_at": at}
    return tx.execute(_still_open(number).values(ended)).rowcount == 1


def _still_open(number: int) -> sa.Update:
    return trial.update().where(trial.c.number == number, trial.c.state.in_(OPEN))


def counts_by_state(tx: sa.Connection) -> Counter[str]:
    """Trials by how they ended, both kinds."""
    query = sa.select(trial.c.state, sa.func.count()).group_by(trial.c.state)
    return Counter(dict(tx.execute(query).tuples().all()))


def add_judgements(tx: sa.Connection, rows: Sequence[Judgement]) -> None:
    if rows:
        tx.execute(judgement.insert(), [asdict(row) for row in rows])


def judged(tx: sa.Connection, number: int) -> list[Judged]:
    """All judgements of a trial in the order in which their verdicts came."""
    j, v = judgement.c, verdict.c
    query = (
        sa.select(
            j.z, j.verdict, v.analyst, v.head, v.text, v.target,
            j.champion_label, j.challenger_label,
        )
        .join_from(judgement, verdict, v.number == j.verdict)
        .where(j.trial == number)
        .order_by(j.verdict)
    )  # fmt: skip
    return [Judged(*row) for row in tx.execute(query)]


def waiting(tx: sa.Connection, through: int) -> Waiting:
    """What came in after verdict number `through`."""
    count, first, last = sa.func.count(), verdict.c.recorded_at, verdict.c.number
    query = sa.select(count, sa.func.min(first), sa.func.max(last))
    row = tx.execute(query.where(verdict.c.number > through)).one()
    return Waiting(row[0], row[1], row[2] or through)


def habits(tx: sa.Connection, through: int) -> dict[str, Habit]:
    """By analyst, from verdicts up to number `through`."""
    corrected = sa.func.sum(sa.case((verdict.c.correction != "", 1), else_=0))
    query = (
        sa.select(verdict.c.analyst, sa.func.count(), corrected)
        .where(verdict.c.number <= through, verdict.c.answer == "reject", verdict.c.shown != "")
        .group_by(verdict.c.analyst)
    )
    return {row[0]: Habit(row[1], row[2]) for row in tx.execute(query)}


def learned_from(tx: sa.Connection, texts: Sequence[str], through: int) -> set[str]:
    """Those of the texts that some verdict up to `through` is about."""
    found: set[str] = set()
    for start in range(0, len(texts), 500):
        some = texts[start : start + 500]
        query = sa.select(verdict.c.text).where(verdict.c.number <= through)
        found |= set(tx.execute(query.where(verdict.c.text.in_(some)).distinct()).scalars())
    return found


def _trial(row: sa.Row[tuple[object, ...]]) -> Trial:
    return Trial(**row._mapping)
