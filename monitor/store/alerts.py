"""Alerts and the outbox. An alert and its deliveries are written in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.types import Alert, Announcement, Budget, Copy, Delivery, Evidence, Story, Stream
from monitor.store import judged
from monitor.store.claims import claim
from monitor.store.tables import NEVER, alert, delivery
from monitor.store.upsert import insert_or_ignore

_OPEN = ("firing", "acknowledged")
_DELIVERY_FIELDS = tuple(Delivery.__dataclass_fields__)


def open_new(tx: sa.Connection, new: Alert, outbox: Sequence[Delivery]) -> bool:
    """Writes an alert, with the bins behind it, and its deliveries; False where another daemon
    raised it first."""
    row = {
        "id": new.id,
        **_columns(new, judged.to_body(judged.behind(tx, new))),
        "topic": new.stream.topic,
        "target": new.stream.target,
        "kind": new.kind,
        "raised_at": new.raised_at,
        "parent": new.parent,
    }
    if not insert_or_ignore(tx, alert, [row]):
        return False
    add_deliveries(tx, outbox)
    return True


def add_deliveries(tx: sa.Connection, outbox: Sequence[Delivery]) -> None:
    """Puts announcements into the outbox; one that is there already stays as it is."""
    insert_or_ignore(
        tx,
        delivery,
        [{f: getattr(d, f) for f in _DELIVERY_FIELDS} | {"claimed_until": NEVER} for d in outbox],
    )


def update(tx: sa.Connection, changed: Alert) -> None:
    """Status, severity and evidence move on; id, stream, times of raising and the bins as they
    were then do not."""
    bins = (_body(tx, changed.id) or {}).get("bins", [])
    tx.execute(alert.update().where(alert.c.id == changed.id).values(**_columns(changed, bins)))


def get(tx: sa.Connection, alert_id: str) -> Alert | None:
    body = _body(tx, alert_id)
    return None if body is None else _from_body(body)


def bins_as_raised(tx: sa.Connection, about: Alert) -> list[judged.Judged]:
    """The bins behind an alert as its body keeps them; none of those raised before it did."""
    return judged.from_body(_body(tx, about.id) or {}, about)


def _body(tx: sa.Connection, alert_id: str) -> dict[str, Any] | None:
    body: dict[str, Any] | None = tx.execute(
        sa.select(alert.c.body).where(alert.c.id == alert_id)
    ).scalar()
    return body


def some(tx: sa.Connection, ids: Collection[str]) -> list[Alert]:
    """Those of the ids that are alerts, newest first."""
    return _select(tx, alert.c.id.in_(ids))


def firing(tx: sa.Connection) -> list[Alert]:
    """Open alerts, parents and children, newest first."""
    return _select(tx, alert.c.status.in_(_OPEN))


def children(tx: sa.Connection, alert_id: str) -> list[Alert]:
    return _select(tx, alert.c.parent == alert_id)


def crisis(tx: sa.Connection, of: Alert) -> list[Alert]:
    """All of an alert's crisis, open or over, the parent first."""
    root = of.parent or of.id
    return [get(tx, root) or of, *children(tx, root)]


def latest(tx: sa.Connection, limit: int) -> list[Alert]:
    """The newest parent alerts, open or not."""
    return _select(tx, alert.c.parent.is_(None), limit)


def raised(tx: sa.Connection, since: datetime) -> list[str]:
    """Ids of the parent alerts raised since then, open or not, newest first."""
    own = (alert.c.parent.is_(None)) & (alert.c.raised_at >= since)
    query = sa.select(alert.c.id).where(own).order_by(alert.c.raised_at.desc(), alert.c.id)
    return list(tx.execute(query).scalars())


def deliveries(tx: sa.Connection, alert_id: str) -> list[Delivery]:
    query = _delivery_query().where(delivery.c.alert_id == alert_id).order_by(delivery.c.receiver)
    return [Delivery(*row) for row in tx.execute(query)]


def last_told(tx: sa.Connection, alert_id: str) -> datetime | None:
    """When the newest message on an alert was put into the outbox; None: nobody is told."""
    query = sa.select(sa.func.max(delivery.c.created_at)).where(delivery.c.alert_id == alert_id)
    told: datetime | None = tx.execute(query).scalar()
    return told


def withdraw(tx: sa.Connection, alert_id: str, announcement: Announcement, now: datetime) -> None:
    """Drops what nobody has been told yet and nobody is being told now; the rows stay."""
    waiting = (delivery.c.state == "pending") & (delivery.c.claimed_until <= now)
    about = (delivery.c.alert_id == alert_id) & (delivery.c.announcement == announcement)
    tx.execute(delivery.update().where(about & waiting).values(state="dropped"))


def get_delivery(tx: sa.Connection, delivery_id: str) -> Delivery | None:
    row = tx.execute(_delivery_query().where(delivery.c.id == delivery_id)).first()
    return Delivery(*row) if row else None


def dead_deliveries(tx: sa.Connection) -> list[Delivery]:
    query = _delivery_query().where(delivery.c.state == "dead").order_by(delivery.c.due_at.desc())
    return [Delivery(*row) for row in tx.execute(query)]


def pending_count(tx: sa.Connection) -> int:
    query = sa.select(sa.func.count()).where(delivery.c.state == "pending")
    return int(tx.execute(query).scalar_one())


def claim_due(tx: sa.Connection, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
    """Takes due deliveries for this daemon until the lease runs out."""
    due = (delivery.c.state == "pending") & (delivery.c.due_at <= now)
    fields = [delivery.c[field] for field in _DELIVERY_FIELDS]
    taken = claim(tx, delivery, due, (delivery.c.due_at,), fields, now, lease, limit)
    return sorted((Delivery(*row) for row in taken), key=lambda d: (d.due_at, d.id))


def record_attempt(tx: sa.Connection, after: Delivery) -> None:
    """Stores what became of an attempt and gives the claim back."""
    values = {field: getattr(after, field) for field in ("state", "attempts", "due_at")}
    tx.execute(
        delivery.update()
        .where(delivery.c.id == after.id)
        .values(**values, last_error=after.last_error, claimed_until=NEVER)
    )


def _select(tx: sa.Connection, where: Any, limit: int | None = None) -> list[Alert]:
    query = sa.select(alert.c.body).where(where).order_by(alert.c.raised_at.desc(), alert.c.id)
    return [_from_body(body) for body in tx.execute(query.limit(limit)).scalars()]


def _delivery_query() -> sa.Select[Any]:
    return sa.select(*(delivery.c[field] for field in _DELIVERY_FIELDS))


def _columns(value: Alert, bins: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "severity": value.severity,
        "status": value.status,
        "resolved_at": value.resolved_at,
        "body": _to_body(value) | {"bins": bins},
    }


def _to_body(value: Alert) -> Any:
    return _plain(asdict(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _from_body(body: dict[str, Any]) -> Alert:
    stream = Stream(**body["stream"])
    resolved = body["resolved_at"]
    told = {name: value for name, value in body.items() if name != "bins"}
    return Alert(
        **told
        | {
            "stream": stream,
            "onset": datetime.fromisoformat(body["onset"]),
            "raised_at": datetime.fromisoformat(body["raised_at"]),
            "resolved_at": datetime.fromisoformat(resolved) if resolved else None,
            "evidence": _evidence(body["evidence"]),
            "stories": tuple(_story(story) for story in body["stories"]),
            "feeds": tuple(body.get("feeds", ())),
            "budget": Budget(**body["budget"]),
        }
    )


def _evidence(body: dict[str, Any]) -> Evidence:
    return Evidence(
        **body
        | {
            "stream": Stream(**body["stream"]),
            "start": datetime.fromisoformat(body["start"]),
            "width": timedelta(seconds=body["width"]),
        }
    )


def _story(body: dict[str, Any]) -> Story:
    copies = tuple(
        Copy(c["origin"], c["url"], datetime.fromisoformat(c["seen_at"])) for c in body["copies"]
    )
    seen = datetime.fromisoformat(body["first_seen_at"])
    return Story(**body | {"first_seen_at": seen, "copies": copies})
