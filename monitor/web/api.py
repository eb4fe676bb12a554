"""The page's figures as JSON: times in RFC 3339, links only where they are http or https."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse

from alerts.payload import Cut, payload
from alerts.types import Alert, Stream
from alerts.wording import rfc3339, safe_link, usual
from monitor.label_errors import corrected_share
from monitor.store import alerts as alert_rows
from monitor.store.quiet import Judged
from monitor.urls import without_secrets
from monitor.watching import owners_of
from monitor.web import reading
from monitor.web.reading import AlertCard, Site
from monitor.web.streams import promise

_EVERYTHING = Cut(stories=10_000, copies=10_000, children=10_000)
_FEED_FIELDS = (
    "id", "name", "origin", "format", "state", "failures", "last_error", "last_polled_at",
    "last_ok_at", "last_article_at", "due_at",
)  # fmt: skip
LONGEST_PAST = 90  # days of a series

Days = Annotated[int, Query(ge=1, le=LONGEST_PAST)]
Limit = Annotated[int, Query(ge=1, le=500)]


def api_routes(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", default_response_class=JSONResponse)

    @routes.get("/overview")
    def overview() -> JSONResponse:
        now = site.clock()
        with site.store.read() as tx:
            state = reading.state(tx, reading.feed_health(tx), now)
            cards = reading.open_alerts(tx)
        firing = [_alert(card, site) for card in cards]
        about = {"now": now, "banner": site.banner, "promise": promise(site.budget)}
        return as_json({**about, "budget": site.budget, **_shallow(state), "firing": firing})

    @routes.get("/streams")
    def streams() -> JSONResponse:
        with site.store.read() as tx:
            return as_json(site.streams(tx, site.clock()))

    @routes.get("/streams/series")
    def series(topic: str = "", target: str = "", days: Days = 7) -> JSONResponse:
        with site.store.read() as tx:
            return as_json(site.series(tx, Stream(topic, target), days, site.clock()))

    @routes.get("/alerts")
    def alerts(limit: Limit = 100) -> JSONResponse:
        with site.store.read() as tx:
            newest = [reading.card(tx, alert) for alert in alert_rows.latest(tx, limit)]
        return as_json([_alert(card, site) for card in newest])

    @routes.get("/alerts/{alert_id}")
    def alert(alert_id: str) -> JSONResponse:
        with site.store.read() as tx:
            found = alert_rows.get(tx, alert_id)
            if found is None:
                raise HTTPException(404, f"no alert {alert_id!r}")
            share = corrected_share(tx, site.settings, found)
            return as_json(_alert(reading.card(tx, found), site) | {"corrected": share})

    @routes.get("/headlines")
    def headlines(limit: Limit = 40) -> JSONResponse:
        with site.store.read() as tx:
            newest = reading.headlines(tx, site.clock(), limit)
        return as_json([replace(each, url=safe_link(each.url)) for each in newest])

    @routes.get("/feeds")
    def feeds() -> JSONResponse:
        with site.store.read() as tx:
            return as_json([_feed(one) for one in reading.feed_health(tx)])

    return routes


def _alert(card: AlertCard, site: Site) -> dict[str, Any]:
    """The same fields as a webhook's `data`, uncut, and what only the console knows."""
    public_url, owners = site.settings.web.public_url, owners_of(site.settings)
    message = payload(card.alert, "firing", card.children, public_url, _EVERYTHING, owners)
    data: Any = message["data"]
    more = {
        "parent": card.alert.parent,
        "sentence": card.sentence,
        "expected": _expected(card.alert),
        "deliveries": card.deliveries,
    }
    return {**data, **more}


def _feed(one: Judged) -> dict[str, Any]:
    known = {field: getattr(one.feed, field) for field in _FEED_FIELDS}
    return known | {"url": without_secrets(one.feed.url)} | one.document()


def _expected(alert: Alert) -> float:
    """Negative stories that would be usual among as many stories."""
    return usual(alert)


def as_json(value: object, status: int = 200) -> JSONResponse:
    return JSONResponse(_plain(value), status)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if is_dataclass(value):
        return _plain(_shallow(value))
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _shallow(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}
