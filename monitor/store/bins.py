"""What the detector judged, bin by bin: kept by the detect job, read by pages and people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.types import Evidence, Stream
from monitor.store.tables import bin_
from monitor.store.upsert import insert_or_update

_COUNTED = ("stories", "negatives", "baseline", "log_evidence", "gain")


def keep(tx: sa.Connection, judged: Sequence[Evidence]) -> None:
    """Stores judgements of bins; the open bin's are overwritten until it closes."""
    rows = [
        {
            "topic": one.stream.topic,
            "target": one.stream.target,
            "start": one.start,
            "width_s": int(one.width.total_seconds()),
        }
        | {name: getattr(one, name) for name in _COUNTED}
        for one in judged
    ]
    insert_or_update(tx, bin_, rows)


def since(tx: sa.Connection, first: datetime) -> dict[Stream, list[Evidence]]:
    """The bins of every stream that start at or after `first`, oldest first."""
    found: dict[Stream, list[Evidence]] = {}
    for row in tx.execute(_bins().where(bin_.c.start >= first).order_by(bin_.c.start)):
        judged = _evidence(row)
        found.setdefault(judged.stream, []).append(judged)
    return found


def of(tx: sa.Connection, stream: Stream, first: datetime, last: datetime) -> list[Evidence]:
    """One stream's bins that start in [first, last], oldest first."""
    query = (
        _bins()
        .where(bin_.c.topic == stream.topic, bin_.c.target == stream.target)
        .where(bin_.c.start.between(first, last))
        .order_by(bin_.c.start)
    )
    return [_evidence(row) for row in tx.execute(query)]


def newest(tx: sa.Connection) -> list[Evidence]:
    """The last judged bin of every stream that was heard of within a week of the newest."""
    last: datetime | None = tx.execute(sa.select(sa.func.max(bin_.c.start))).scalar()
    if last is None:
        return []
    week = since(tx, last - timedelta(days=7) + timedelta(microseconds=1))
    return [judged[-1] for judged in week.values()]


def tally(tx: sa.Connection, stream: Stream, first: datetime, end: datetime) -> tuple[int, int]:
    """Stories counted as negative and all stories of one stream in the bins of [first, end)."""
    judged = [one for one in of(tx, stream, first, end) if one.start < end]
    return sum(one.negatives for one in judged), sum(one.stories for one in judged)


def _bins() -> sa.Select[Any]:
    c = bin_.c
    return sa.select(c.topic, c.target, c.start, c.width_s, *(c[name] for name in _COUNTED))


def _evidence(row: Any) -> Evidence:
    topic, target, start, width_s, *counted = row
    return Evidence(Stream(topic, target), start, timedelta(seconds=width_s), *counted)
