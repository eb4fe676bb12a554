"""What the detector reads and keeps: counts of distinct stories, its state, its judgements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from alerts.ledger import LabelledStory
from alerts.types import Copy, Stream
from alerts.watch import counted_in
from monitor.store.tables import article, detector, label, stream_state
from monitor.store.upsert import insert_or_ignore, insert_or_update

Counts = dict[Stream, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the detector has come."""

    open_bin: datetime  # start of the bin that is not closed yet
    width: timedelta
    checkpoint: str  # whose labels the state was made from


def cursor(tx: sa.Connection, first: Cursor) -> Cursor:
    """The cursor (`first` where there is none yet), locked until the transaction ends: one
    daemon at a time detects."""
    insert_or_ignore(tx, detector, [_row(first)])
    query = sa.select(detector.c.open_bin, detector.c.width_s, detector.c.checkpoint)
    open_bin, width_s, checkpoint = tx.execute(
        query.where(detector.c.id == 1).with_for_update()
    ).one()
    return Cursor(open_bin, timedelta(seconds=width_s), checkpoint)


def hold(tx: sa.Connection) -> None:
    """Nobody detects until the transaction ends: open alerts stay as they are read."""
    tx.execute(sa.select(detector.c.id).with_for_update())


def set_cursor(tx: sa.Connection, at: Cursor) -> None:
    insert_or_update(tx, detector, [_row(at)])


def _row(at: Cursor) -> dict[str, object]:
    return {
        "id": 1,
        "open_bin": at.open_bin,
        "width_s": int(at.width.total_seconds()),
        "checkpoint": at.checkpoint,
    }


def states(tx: sa.Connection) -> dict[Stream, bytes]:
    """The packed state of every stream that has one."""
    rows = tx.execute(sa.select(stream_state))
    return {Stream(row.topic, row.target): row.state for row in rows}


def set_states(tx: sa.Connection, packed: dict[Stream, bytes]) -> None:
    rows = [{"topic": s.topic, "target": s.target, "state": data} for s, data in packed.items()]
    insert_or_update(tx, stream_state, rows)


def place_labels(tx: sa.Connection, open_bin: datetime, width: timedelta) -> None:
    """Gives each new label its bin: that in which it was first seen, or the open one if that
    has been closed meanwhile. So nothing that arrives late goes uncounted."""
    query = sa.select(label.c.article_id, label.c.target, label.c.first_seen_at).where(
        label.c.bin.is_(None)
    )
    moves = [
        {"a": row.article_id, "t": row.target, "b": max(open_bin, floor(row.first_seen_at, width))}
        for row in tx.execute(query)
    ]
    if moves:
        where = (label.c.article_id == sa.bindparam("a")) & (label.c.target == sa.bindparam("t"))
        tx.execute(label.update().where(where).values(bin=sa.bindparam("b")), moves)


def pull_back(tx: sa.Connection, was: datetime, open_bin: datetime, width: timedelta) -> None:
    """The clock ran ahead and was set back: what the open bin `was` held is to be counted now, and
    what has been judged stays so, in the bin before `open_bin`."""
    tx.execute(label.update().where(label.c.bin >= was).values(bin=None))
    tx.execute(label.update().where(label.c.bin >= open_bin).values(bin=open_bin - width))


def floor(at: datetime, width: timedelta) -> datetime:
    """The start of the bin that holds `at`; bins count from midnight UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // width * width


def counts(tx: sa.Connection, start: datetime) -> Counts:
    """Distinct stories and negative ones in one bin, for every stream that saw any.

    Negative is what negative is the likeliest of, whatever label the policy chose; the stream is
    that of the topic chosen.
    """
    query = (
        sa.select(label.c.topic, label.c.target, label.c.negative, sa.func.count())
        .where(label.c.bin == start, label.c.lead)
        .group_by(label.c.topic, label.c.target, label.c.negative)
    )
    stories: Counter[Stream] = Counter()
    negatives: Counter[Stream] = Counter()
    for topic, target, negative, count in tx.execute(query):
        for stream in counted_in(topic, target):
            stories[stream] += count
            negatives[stream] += count if negative else 0
    return {stream: (stories[stream], negatives[stream]) for stream in stories}


def first_bin(tx: sa.Connection) -> datetime | None:
    """The oldest bin that has labels still: what came before is removed, or never was."""
    oldest: datetime | None = tx.execute(sa.select(sa.func.min(label.c.bin))).scalar()
    return oldest


class SqlLedger:
    """What alerts.watch asks about the past, answered from the store."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        """Distinct stories counted in bins from `since` up to but without `until`, oldest first.

        `negative` as `counts` counts it.
        """
        query = (
            sa.select(
                label.c.story_id,
                label.c.topic,
                label.c.target,
                label.c.negative,
                label.c.sentiment_probabilities,
                label.c.first_seen_at,
                label.c.bin,
                label.c.tier,
                article.c.title,
            )
            .join(article, article.c.id == label.c.article_id)
            .where(_in_stream(stream), label.c.lead, label.c.bin >= since, label.c.bin < until)
            .order_by(label.c.first_seen_at, label.c.article_id)
        )
        rows = self._tx.execute(query).all()
        copies = self._copies([row.story_id for row in rows])
        return [
            LabelledStory(
                id=row.story_id,
                topic=row.topic,
                target=row.target,
                title=row.title,
                first_seen_at=max(row.bin, row.first_seen_at),  # what came late is of its bin
                negative=row.negative,
                probability_negative=float(row.sentiment_probabilities[0]),
                copies=tuple(copies[row.story_id]),
                fallback=row.tier == "fallback",
            )
            for row in rows
        ]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many headlines of this stream each outlet told in the bins of [since, until)."""
        query = (
            sa.select(article.c.origin, sa.func.count())
            .select_from(label)
            .join(article, article.c.id == label.c.article_id)
            .where(_in_stream(stream), label.c.bin >= since, label.c.bin < until)
            .where(article.c.aside == "")
            .group_by(article.c.origin)
        )
        return dict(self._tx.execute(query).tuples().all())

    def _copies(self, stories: Sequence[int]) -> dict[int, list[Copy]]:
        """Every outlet's copy, each outlet once, in the order in which they were seen."""
        found: dict[int, list[Copy]] = {story_id: [] for story_id in stories}
        for start in range(0, len(stories), 500):
            query = (
                sa.select(
                    article.c.story_id, article.c.origin, article.c.url, article.c.first_seen_at
                )
                .where(article.c.story_id.in_(stories[start : start + 500]))
                .order_by(article.c.id)
            )
            for story_id, origin, url, seen_at in self._tx.execute(query):
                if origin not in {copy.origin for copy in found[story_id]}:
                    found[story_id].append(Copy(origin, url, seen_at))
        return found


def _in_stream(stream: Stream) -> sa.ColumnElement[bool]:
    about = label.c.target == stream.target
    return about & (label.c.topic == stream.topic) if stream.topic else about
