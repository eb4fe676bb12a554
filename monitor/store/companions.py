"""What the companions of the detector read and keep: states, bins, and how well we listened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.ledger import LabelledStory
from alerts.outcome import Counted
from alerts.types import Evidence, Stream
from alerts.watch import counted_in
from monitor.store.detection import SqlLedger, floor
from monitor.store.tables import (
    article,
    companion_bin,
    companion_state,
    feed,
    heard_bin,
    label,
    stream_state,
)
from monitor.store.upsert import insert_or_ignore, insert_or_update

Key = tuple[Stream, str]  # a stream, or a feed of the whole


def states(tx: sa.Connection, kind: str) -> dict[Key, bytes]:
    """The packed state of every stream and feed that has one of this kind."""
    rows = tx.execute(sa.select(companion_state).where(companion_state.c.kind == kind))
    return {(Stream(row.topic, row.target), row.feed): row.state for row in rows}


def set_states(tx: sa.Connection, kind: str, packed: Mapping[Key, bytes]) -> None:
    rows = [
        {"kind": kind, "topic": s.topic, "target": s.target, "feed": name, "state": data}
        for (s, name), data in packed.items()
    ]
    insert_or_update(tx, companion_state, rows)


def forget_states(tx: sa.Connection) -> None:
    """Of all detectors, that of the share included."""
    tx.execute(stream_state.delete())
    tx.execute(companion_state.delete())


def keep_bins(tx: sa.Connection, counted: Sequence[Counted]) -> None:
    """Stores the bins of surges and silences, while they last, and those of positive stories: what
    `explain` rebuilds."""
    insert_or_update(tx, companion_bin, [_bin_row(one) for one in counted])


def _bin_row(one: Counted) -> dict[str, Any]:
    about = one.evidence
    return {
        "kind": one.kind,
        "topic": about.stream.topic,
        "target": about.stream.target,
        "feed": one.feed,
        "start": about.start,
        "width_s": int(about.width.total_seconds()),
        "stories": about.stories,
        "negatives": about.negatives,
        "baseline": about.baseline,
        "expected": about.expected,
        "log_evidence": about.log_evidence,
        "gain": about.gain,
    }


def bins_of(
    tx: sa.Connection, kind: str, stream: Stream, feed_name: str, first: datetime, last: datetime
) -> list[Evidence]:
    """The bins of one stream, or feed, that start in [first, last], oldest first."""
    c = companion_bin.c
    query = (
        sa.select(companion_bin)
        .where(c.kind == kind, c.topic == stream.topic, c.target == stream.target)
        .where(c.feed == feed_name, c.start.between(first, last))
        .order_by(c.start)
    )
    return [
        Evidence(
            stream, row.start, timedelta(seconds=row.width_s), row.stories, row.negatives,
            row.baseline, row.log_evidence, row.gain, row.expected,
        )
        for row in tx.execute(query)
    ]  # fmt: skip


def remember_heard(tx: sa.Connection, since: datetime, width: timedelta) -> None:
    """Marks the bins, from that of `since` on, in which a feed answered last."""
    answered = sa.select(feed.c.last_ok_at).where(
        feed.c.removed.is_(False), feed.c.last_ok_at >= since
    )
    heard = {floor(at, width) for at in tx.execute(answered).scalars()}
    insert_or_ignore(tx, heard_bin, [{"start": start} for start in sorted(heard)])


def heard(tx: sa.Connection, start: datetime, within: timedelta) -> bool:
    """Whether a feed answered in the bin that begins at `start`, and in one not long before:
    what comes after a silence of ours comes all at once."""
    bins = sa.select(heard_bin.c.start).where(heard_bin.c.start.between(start - within, start))
    found = set(tx.execute(bins).scalars())
    return start in found and len(found) > 1


def arrivals(tx: sa.Connection, since: datetime, until: datetime) -> dict[int, int]:
    """New articles by feed (id), without those set aside: no feed is used to its own floods."""
    query = (
        sa.select(article.c.feed_id, sa.func.count())
        .where(
            article.c.aside == "", article.c.first_seen_at >= since, article.c.first_seen_at < until
        )
        .group_by(article.c.feed_id)
    )
    return dict(tx.execute(query).tuples().all())


def unread(tx: sa.Connection, start: datetime) -> set[int]:
    """The feeds (id) of which nothing was known before `start`."""
    earlier = sa.select(article.c.id).where(
        article.c.feed_id == feed.c.id, article.c.first_seen_at < start
    )
    return set(tx.execute(sa.select(feed.c.id).where(~earlier.exists())).scalars())


def counted_late(tx: sa.Connection, start: datetime) -> bool:
    """Whether the bin counts stories that were seen before it began."""
    late = sa.select(label.c.article_id).where(label.c.bin == start, label.c.first_seen_at < start)
    return tx.execute(late.limit(1)).first() is not None


def articles_of(tx: sa.Connection, name: str, since: datetime, until: datetime) -> int:
    """New articles of the feeds of this name."""
    query = (
        sa.select(sa.func.count())
        .select_from(article.join(feed, feed.c.id == article.c.feed_id))
        .where(feed.c.name == name, article.c.aside == "")
        .where(article.c.first_seen_at >= since, article.c.first_seen_at < until)
    )
    return int(tx.execute(query).scalar_one())


def carried(tx: sa.Connection, since: datetime, until: datetime) -> dict[Stream, Mapping[str, int]]:
    """Stories of each stream by the feed that brought them first."""
    query = (
        sa.select(label.c.topic, label.c.target, feed.c.name, sa.func.count())
        .join(article, article.c.id == label.c.article_id)
        .join(feed, feed.c.id == article.c.feed_id)
        .where(label.c.lead, label.c.bin >= since, label.c.bin < until)
        .group_by(label.c.topic, label.c.target, feed.c.name)
    )
    found: dict[Stream, Counter[str]] = {}
    for topic, target, name, count in tx.execute(query):
        for stream in counted_in(topic, target):
            found.setdefault(stream, Counter())[name] += count
    return dict(found)


def positives(tx: sa.Connection, start: datetime) -> dict[Stream, tuple[int, int]]:
    """Distinct stories and positive ones in one bin, for every stream that saw any."""
    positive = sa.case((counts_as_positive(), 1), else_=0)
    query = (
        sa.select(label.c.topic, label.c.target, sa.func.count(), sa.func.sum(positive))
        .where(label.c.bin == start, label.c.lead)
        .group_by(label.c.topic, label.c.target)
    )
    stories: Counter[Stream] = Counter()
    good: Counter[Stream] = Counter()
    for topic, target, count, found in tx.execute(query):
        for stream in counted_in(topic, target):
            stories[stream] += count
            good[stream] += int(found)
    return {stream: (stories[stream], good[stream]) for stream in stories}


def counts_as_positive() -> sa.ColumnElement[bool]:
    """Positive is the likeliest, whatever label was chosen; a tie with negative is negative."""
    negative, neutral, positive = (
        label.c.sentiment_probabilities[place].as_float() for place in range(3)
    )
    return sa.and_(positive > negative, positive >= neutral)


class PositiveLedger:
    """The ledger with positive stories in the place of negative ones."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx, self._ledger = tx, SqlLedger(tx)

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        """`negative` and its probability are those of positive."""
        query = (
            sa.select(
                label.c.story_id,
                label.c.sentiment_probabilities,
                counts_as_positive().label("good"),
            )
            .where(label.c.lead, label.c.target == stream.target)
            .where(label.c.bin >= since, label.c.bin < until)
        )
        told = {row.story_id: row for row in self._tx.execute(query)}
        return [
            replace(
                story,
                negative=bool(told[story.id].good),
                probability_negative=float(told[story.id].sentiment_probabilities[2]),
            )
            for story in self._ledger.stories(stream, since, until)
        ]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        return self._ledger.origins(stream, since, until)


def remove_before(tx: sa.Connection, before: datetime) -> None:
    """Forgets bins that began before then."""
    tx.execute(companion_bin.delete().where(companion_bin.c.start < before))
    tx.execute(heard_bin.delete().where(heard_bin.c.start < before))
