"""The pages for people, rendered on the server: without JavaScript only the chart is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts import wording
from alerts.payload import outlets
from alerts.types import Alert, Copy, Evidence, Story, Stream
from monitor.store import alerts as alert_rows
from monitor.store import bins, companions, views
from monitor.store.engine import Transaction
from monitor.store.views import Headline
from monitor.web import drawing, reading
from monitor.web.api import Days
from monitor.web.reading import AlertCard, Site
from monitor.web.streams import promise

_HEADLINES = 60
_HISTORY = 200
_BAD_NEWS = ("negative_share", "negative_volume")
_MOST_STORIES = 300
_LONGEST_LOOK = timedelta(days=14)  # of an alert that nobody closes


@dataclass(frozen=True, slots=True)
class Dossier:
    """What one alert's page shows beyond its card."""

    stories: tuple[Story, ...]  # those that contributed most, with every copy known today
    others: tuple[tuple[Headline, tuple[Copy, ...]], ...]  # counted in the same bins
    bins: tuple[Evidence, ...]
    parent: Alert | None


def page_routes(site: Site) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)
    templates = _templates()

    def page(name: str, now: datetime, shown: dict[str, Any], status: int = 200) -> HTMLResponse:
        html = templates.get_template(name).render(site=site, now=now, **shown)
        return HTMLResponse(html, status)

    @routes.get("/")
    def wall(topic: str = "", target: str = "", days: Days = 7) -> HTMLResponse:
        now = site.clock()
        with site.store.read() as tx:
            cards = reading.open_alerts(tx)
            shown = {
                "cards": cards,
                "state": reading.state(tx, now),
                "streams": site.streams(tx, now),
                "headlines": reading.headlines(tx, now, _HEADLINES),
                "feeds": reading.feed_health(tx),
            }
        pinned = Stream(topic, target) if topic or target else None
        chosen = {"chosen": pinned or _first_choice(cards), "pinned": pinned, "days": days}
        return page("wall.html", now, shown | chosen)

    @routes.get("/alerts")
    def history() -> HTMLResponse:
        with site.store.read() as tx:
            cards = [reading.card(tx, alert) for alert in alert_rows.latest(tx, _HISTORY)]
        return page("alerts.html", site.clock(), {"cards": cards})

    @routes.get("/alerts/{alert_id}")
    def alert(request: Request, alert_id: str) -> HTMLResponse:
        now = site.clock()
        with site.store.read() as tx:
            found = alert_rows.get(tx, alert_id)
            if found is None:
                return page("missing.html", now, {"path": request.url.path}, 404)
            card, dossier = reading.card(tx, found), _dossier(tx, found, now)
        threshold = math.log(found.budget.threshold)
        shown = {"card": card, "alert": found, "dossier": dossier, "threshold": threshold}
        return page("alert.html", now, shown)

    return routes


def _first_choice(cards: Sequence[AlertCard]) -> Stream:
    """The stream of the foremost alert about bad news, else all news."""
    bad_news = (card.alert.stream for card in cards if card.alert.kind in _BAD_NEWS)
    return next(bad_news, Stream())


def _dossier(tx: Transaction, alert: Alert, now: datetime) -> Dossier:
    until = min(alert.resolved_at or now, alert.onset + _LONGEST_LOOK)
    counted = views.stories_of(tx, alert.stream, alert.onset, until, _MOST_STORIES)
    told = {story.id for story in alert.stories}
    others = [headline for headline in counted if headline.story_id not in told]
    copies = views.copies_of(tx, [*told, *(headline.story_id for headline in others)])
    return Dossier(
        tuple(replace(story, copies=copies.get(story.id, story.copies)) for story in alert.stories),
        tuple((headline, copies.get(headline.story_id, ())) for headline in others),
        tuple(_bins(tx, alert, until)),
        alert_rows.get(tx, alert.parent) if alert.parent else None,
    )


def _bins(tx: Transaction, alert: Alert, until: datetime) -> list[Evidence]:
    """As the detector of the alert's kind judged them; of several silent feeds the first."""
    if alert.kind == "positive_share":
        return []  # the bins that are kept count negatives
    if alert.expected is None:
        return bins.of(tx, alert.stream, alert.onset, until)
    feed = alert.feeds[0] if alert.feeds and alert.stream == Stream() else ""
    return companions.bins_of(tx, alert.kind, alert.stream, feed, alert.onset, until)


def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("monitor.web", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "line": wording.one_line,
        "link": wording.safe_link,
        "place": wording.place,
        "tally": wording.tally,
        "counted_for": wording.sentiment,
        "would_be_usual": wording.usual,
        "caveat": wording.caveat,
        "moment": wording.day_and_time,
        "rfc3339": wording.rfc3339,
        "outlets": outlets,
        "percent": drawing.percent,
        "duration": drawing.duration,
        "clock_time": drawing.clock_time,
        "spark": drawing.spark,
        "spark_y": drawing.spark_y,
    }
    templates.globals |= {"rarity": wording.rarity, "charged": wording.promise, "promise": promise}
    return templates
