"""The pages for people, rendered on the server: without JavaScript only the chart is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from alerts import wording
from alerts.types import Alert, Copy, Evidence, Story, Stream
from monitor.store import alerts as alert_rows
from monitor.store import bins, companions, views
from monitor.store.engine import Transaction
from monitor.store.views import Headline
from monitor.web import reading
from monitor.web.api import Days
from monitor.web.reading import AlertCard, Site
from monitor.web.streams import promise
from monitor.web.templating import templates

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
    environment = templates()
    words = {"rarity": wording.rarity, "charged": wording.promise, "promise": promise}
    environment.globals |= words

    def page(name: str, now: datetime, shown: dict[str, Any], status: int = 200) -> HTMLResponse:
        html = environment.get_template(name).render(site=site, now=now, **shown)
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
