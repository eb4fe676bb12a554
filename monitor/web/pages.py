"""The pages for people, rendered on the server: without JavaScript only the chart is missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from alerts.owners import origins_of
from alerts.quantify import Corrected
from alerts.types import Alert, Copy, Evidence, Story, Stream
from monitor.acknowledging import who_was_on
from monitor.label_errors import corrected_share
from monitor.store import alert_verdicts, bins, companions, standings, views
from monitor.store import alerts as alert_rows
from monitor.store.acknowledgements import Acknowledgement
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Transaction
from monitor.store.views import Headline
from monitor.watching import owners_of
from monitor.web import history, reading
from monitor.web.api import Days
from monitor.web.auth import Door
from monitor.web.history import Judged
from monitor.web.reading import AlertCard, Site
from monitor.web.rendering import Pages

_HEADLINES = 60
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
    said: tuple[AlertVerdict, ...]  # what holds of each analyst; empty: pending
    on_it: tuple[tuple[Acknowledgement, bool], ...]  # oldest first, and whether it holds
    corrected: Corrected | None  # its share without the errors of the labels
    origins: Mapping[str, Sequence[str]]  # outlets of `stories` by owner


def page_routes(site: Site, door: Door, pages: Pages) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/")
    def wall(request: Request, topic: str = "", target: str = "", days: Days = 7) -> HTMLResponse:
        now, signed_in = site.clock(), door.by_cookie(request)
        with site.store.read() as tx:
            cards, watched = reading.open_alerts(tx), reading.feed_health(tx)
            shown: dict[str, object] = {
                "now": now,
                "cards": cards,
                "state": reading.state(tx, watched, now),
                "streams": site.streams(tx, now),
                "headlines": reading.headlines(tx, now, _HEADLINES),
                "feeds": watched,
                "adversaries": standings.adversaries(tx) if signed_in else [],
            }
        pinned = Stream(topic, target) if topic or target else None
        chosen = {"chosen": pinned or _first_choice(cards), "pinned": pinned, "days": days}
        return pages.page(request, "wall.html", shown | chosen)

    @routes.get("/alerts")
    def newest(request: Request, judged: Judged = "all") -> HTMLResponse:
        with site.store.read() as tx:
            shown = {"history": history.read(tx, judged), "choices": history.CHOICES}
        return pages.page(request, "alerts.html", shown)

    @routes.get("/alerts/{alert_id}")
    def alert(request: Request, alert_id: str) -> HTMLResponse:
        now = site.clock()
        with site.store.read() as tx:
            found = alert_rows.get(tx, alert_id)
            if found is None:
                return pages.missing(request)
            card, dossier = reading.card(tx, found), _dossier(tx, site, found, now)
        threshold = math.log(found.budget.threshold)
        shown = {"card": card, "alert": found, "dossier": dossier, "threshold": threshold}
        return pages.page(request, "alert.html", shown | {"now": now})

    return routes


def _first_choice(cards: Sequence[AlertCard]) -> Stream:
    """The stream of the foremost alert about bad news, else all news."""
    bad_news = (card.alert.stream for card in cards if card.alert.kind in _BAD_NEWS)
    return next(bad_news, Stream())


def _dossier(tx: Transaction, site: Site, alert: Alert, now: datetime) -> Dossier:
    until = min(alert.resolved_at or now, alert.onset + _LONGEST_LOOK)
    counted = views.stories_of(tx, alert.stream, alert.onset, until, _MOST_STORIES)
    told = {story.id for story in alert.stories}
    others = [headline for headline in counted if headline.story_id not in told]
    copies = views.copies_of(tx, [*told, *(headline.story_id for headline in others)])
    stories = [replace(one, copies=copies.get(one.id, one.copies)) for one in alert.stories]
    return Dossier(
        tuple(stories),
        tuple((headline, copies.get(headline.story_id, ())) for headline in others),
        tuple(_bins(tx, alert, until)),
        alert_rows.get(tx, alert.parent) if alert.parent else None,
        tuple(alert_verdicts.of(tx, alert.id)),
        tuple(who_was_on(tx, alert)),
        corrected_share(tx, site.settings, alert),
        origins_of(stories, owners_of(site.settings)),
    )


def _bins(tx: Transaction, alert: Alert, until: datetime) -> list[Evidence]:
    """As the detector of the alert's kind judged them; of several silent feeds the first."""
    if alert.kind == "positive_share":
        return []  # the bins that are kept count negatives
    if alert.expected is None:
        return bins.of(tx, alert.stream, alert.onset, until)
    feed = alert.feeds[0] if alert.feeds and alert.stream == Stream() else ""
    return companions.bins_of(tx, alert.kind, alert.stream, feed, alert.onset, until)
