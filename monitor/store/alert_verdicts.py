"""What analysts said of alerts: append-only, the newest of an analyst about an alert holds.

An alert about which nobody has said anything is pending: there is no row, and no row is no "no".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa

from alerts.difference import foremost
from alerts.types import Alert
from monitor.store import alerts
from monitor.store.tables import alert, bin_, label
from monitor.store.tables_learning import alert_verdict
from monitor.store.upsert import insert_or_ignore
from policy.verdicts import Head

AlertAnswer = Literal["confirm", "reject"]
AlertReason = Literal[
    "", "real", "duplicate", "wrong topic", "wrong sentiment", "known", "immaterial"
]
Route = Literal["page", "api", "mail"]

MAIL = "mail:"  # begins the name of a voice: everybody who reads one receiver's mail
REJECTIONS: tuple[AlertReason, ...] = get_args(AlertReason)[2:]
_HEADS: dict[AlertReason, Head] = {"wrong topic": "topic", "wrong sentiment": "sentiment"}


@dataclass(frozen=True, slots=True)
class AlertVerdict:
    """One answer about one alert, or about a near-miss that was shown as an audit."""

    id: str  # unique; the same verdict sent twice has the same
    alert_id: str
    analyst: str  # or MAIL and a receiver's name
    answer: AlertAnswer
    reason: AlertReason  # "" where none was given
    route: Route
    at: datetime

    def __post_init__(self) -> None:
        """Raises ValueError, one line, where answer and reason do not fit."""
        if self.answer not in get_args(AlertAnswer):
            raise ValueError(f"answer {self.answer!r}: give confirm or reject")
        fitting = ("", "real") if self.answer == "confirm" else ("", *REJECTIONS)
        if self.reason not in fitting:
            known = ", ".join(word for word in fitting if word)
            raise ValueError(f"reason {self.reason!r} does not go with {self.answer}: give {known}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A headline whose label a verdict on its alert casts doubt on: to be put before an analyst."""

    alert_id: str
    article_id: int
    story_id: int
    target: str
    head: Head
    blame: float  # its part of the alert's evidence, in (0, 1]
    at: datetime  # of the verdict


def add(tx: sa.Connection, verdict: AlertVerdict) -> bool:
    """Appends a verdict; False where one of its id is there already, which stays as it is."""
    return bool(insert_or_ignore(tx, alert_verdict, [asdict(verdict)]))


def get(tx: sa.Connection, verdict_id: str) -> AlertVerdict | None:
    row = tx.execute(_verdicts().where(alert_verdict.c.id == verdict_id)).first()
    return AlertVerdict(*row) if row else None


def of(tx: sa.Connection, alert_id: str) -> list[AlertVerdict]:
    """What holds about one alert: the newest verdict of each analyst, oldest first."""
    return _select(tx, alert_verdict.c.alert_id == alert_id)


def of_each(tx: sa.Connection, alert_ids: Collection[str]) -> dict[str, list[AlertVerdict]]:
    """What `of` tells about each of several alerts, in one query; empty where nobody has spoken."""
    said: dict[str, list[AlertVerdict]] = {alert_id: [] for alert_id in alert_ids}
    for one in _select(tx, alert_verdict.c.alert_id.in_(alert_ids)):
        said[one.alert_id].append(one)
    return said


def since(tx: sa.Connection, first: datetime) -> list[AlertVerdict]:
    """What was said from `first` on and still holds, oldest first."""
    return _select(tx, alert_verdict.c.at >= first)


def asked(tx: sa.Connection, first: datetime) -> list[Asked]:
    """The headlines behind alerts called wrong in topic or sentiment from `first` on, oldest
    verdict first, the most to blame of an alert first; each headline and head once."""
    found: dict[tuple[str, int, Head], Asked] = {}
    for verdict in since(tx, first):
        head, about = _HEADS.get(verdict.reason), alerts.get(tx, verdict.alert_id)
        if head and about:
            for one in _doubtful(tx, about, head, verdict.at):
                found.setdefault((one.alert_id, one.article_id, head), one)
    return list(found.values())


def strongest(tx: sa.Connection, alert_ids: Collection[str]) -> dict[str, float]:
    """The largest ln M of each alert's stream in the bins since it was raised, until it was over.

    Only of alerts on the negative share, whose bins are kept, and that have such bins.
    """
    own = (bin_.c.topic == alert.c.topic) & (bin_.c.target == alert.c.target)
    query = (
        sa.select(alert.c.id, sa.func.max(bin_.c.log_evidence))
        .join(bin_, own & (bin_.c.start >= alert.c.raised_at))
        .where(alert.c.resolved_at.is_(None) | (bin_.c.start < alert.c.resolved_at))
        .where(alert.c.id.in_(alert_ids), alert.c.kind == "negative_share")
        .group_by(alert.c.id)
    )
    return dict(tx.execute(query).tuples().all())


def _doubtful(tx: sa.Connection, about: Alert, head: Head, at: datetime) -> list[Asked]:
    blamed, target = foremost(about.stories), about.stream.target
    articles = _leads(tx, [story.id for story, _ in blamed], target)
    return [
        Asked(about.id, articles[story.id], story.id, target, head, blame, at)
        for story, blame in blamed
        if story.id in articles
    ]


def _leads(tx: sa.Connection, stories: Sequence[int], target: str) -> dict[int, int]:
    """The article of each story whose label towards `target` was the one counted."""
    query = sa.select(label.c.story_id, label.c.article_id).where(
        label.c.story_id.in_(stories), label.c.target == target, label.c.lead
    )
    return dict(tx.execute(query).tuples().all())


def _select(tx: sa.Connection, where: sa.ColumnElement[bool]) -> list[AlertVerdict]:
    """Only what no later row of the same analyst about the same alert has replaced."""
    later = alert_verdict.alias("later")
    replaced = sa.exists().where(
        later.c.alert_id == alert_verdict.c.alert_id,
        later.c.analyst == alert_verdict.c.analyst,
        later.c.number > alert_verdict.c.number,
    )
    query = _verdicts().where(where, ~replaced).order_by(alert_verdict.c.number)
    return [AlertVerdict(*row) for row in tx.execute(query)]


def _verdicts() -> sa.Select[Any]:
    return sa.select(*(alert_verdict.c[field] for field in AlertVerdict.__dataclass_fields__))
