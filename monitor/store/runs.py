"""When each job last did its work: read by `status`, `/readyz` and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from monitor.store.tables import job
from monitor.store.upsert import insert_or_update


@dataclass(frozen=True, slots=True)
class JobRun:
    name: str
    last_success_at: datetime | None
    last_error_at: datetime | None
    last_error: str


def succeeded(tx: sa.Connection, name: str, now: datetime) -> None:
    insert_or_update(tx, job, [{"name": name, "last_success_at": now}])


def failed(tx: sa.Connection, name: str, error: str, now: datetime) -> None:
    insert_or_update(tx, job, [{"name": name, "last_error_at": now, "last_error": error}])


def latest(tx: sa.Connection) -> list[JobRun]:
    fields = [job.c[field] for field in JobRun.__dataclass_fields__]
    return [JobRun(*row) for row in tx.execute(sa.select(*fields).order_by(job.c.name))]
