"""One round of learning at a time, whoever starts it: the daemon's child, another daemon's, or a
person at a terminal. A holder that was killed gives the lease back by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from monitor.store.tables import NEVER
from monitor.store.tables_learning import learn_lease
from monitor.store.upsert import insert_or_ignore

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who learns until when, and how often it went wrong in a row."""

    holder: str
    claimed_until: datetime
    failures: int
    retry_at: datetime
    ended_at: datetime | None  # the last round that ended well


def read(tx: sa.Connection) -> Lease:
    row = tx.execute(sa.select(*_FIELDS).where(learn_lease.c.id == 1)).first()
    return Lease(*row) if row else _FREE


def take(tx: sa.Connection, holder: str, now: datetime, until: datetime) -> bool:
    """False where another holds it."""
    first = {"id": 1, "holder": "", "claimed_until": NEVER, "failures": 0, "retry_at": NEVER}
    insert_or_ignore(tx, learn_lease, [first])
    free = (learn_lease.c.claimed_until <= now) | (learn_lease.c.holder == holder)
    claim = learn_lease.update().where(learn_lease.c.id == 1, free)
    return tx.execute(claim.values(holder=holder, claimed_until=until)).rowcount == 1


def release(tx: sa.Connection, holder: str) -> None:
    """Does nothing where another has taken it meanwhile."""
    mine = learn_lease.update().where(learn_lease.c.holder == holder)
    tx.execute(mine.values(claimed_until=NEVER))


def note_success(tx: sa.Connection, now: datetime) -> None:
    tx.execute(learn_lease.update().values(failures=0, retry_at=NEVER, ended_at=now))


def put_off(tx: sa.Connection, until: datetime) -> None:
    """No round before then unless a person asks: there is nothing that one could do."""
    tx.execute(learn_lease.update().values(retry_at=until))


def note_failure(tx: sa.Connection, now: datetime) -> Lease:
    """The next try comes after a minute, and twice as late each time that it fails again."""
    before = read(tx)
    pause = min(_FIRST_PAUSE * 2 ** min(before.failures, 10), _LONGEST_PAUSE)
    values: dict[str, Any] = {"failures": before.failures + 1, "retry_at": now + pause}
    tx.execute(learn_lease.update().values(values))
    return replace(before, **values)


_FIELDS = [learn_lease.c[name] for name in Lease.__dataclass_fields__]
_FREE = Lease("", NEVER, 0, NEVER, None)
