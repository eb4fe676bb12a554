"""Answers about alerts and near-misses from the console's pages, and who is on what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from alerts.acknowledging import LONGEST_NOTE
from alerts.near_misses import NearMiss
from monitor.acknowledging import acknowledge
from monitor.alert_answers import answerable, say
from monitor.links import CHOICES, answer_of
from monitor.store import alert_verdicts, near_misses, views
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Transaction
from monitor.store.views import Headline
from monitor.web.auth import Door
from monitor.web.bodies import Form
from monitor.web.reading import Site
from monitor.web.rendering import Pages

_HEADLINES = 8  # of a near-miss


@dataclass(frozen=True, slots=True)
class NearCard:
    """A near-miss that was drawn to be shown."""

    near: NearMiss
    headlines: tuple[Headline, ...]  # the newest counted in it
    said: tuple[AlertVerdict, ...]


def alert_answer_pages(site: Site, door: Door, pages: Pages) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.post("/alerts/{about}/verdict")
    def answer(request: Request, about: str, form: Form) -> Response:
        analyst, reason = door.by_cookie(request), form.get("reason", "")
        if refused := pages.turned_away(request, "Sign in and answer again."):
            return refused
        if reason not in CHOICES:
            return pages.unrecorded(request, "Choose one of the answers.", 422)
        with site.store.write() as tx:
            found = answerable(tx, about)
            if found is None:
                return pages.missing(request)
            say(tx, found.id, analyst, answer_of(reason), reason, "page", site.clock())
        near = isinstance(found, NearMiss)
        return RedirectResponse("/near-misses" if near else f"/alerts/{found.id}#verdicts", 303)

    @routes.post("/alerts/{about}/acknowledgement")
    def on_it(request: Request, about: str, form: Form) -> Response:
        analyst, note = door.by_cookie(request), form.get("note", "")
        if refused := pages.turned_away(request, "Sign in and say it again."):
            return refused
        if len(note) > LONGEST_NOTE:
            long = f"A note has at most {LONGEST_NOTE} characters, this one {len(note):,}."
            return pages.unrecorded(request, long, 422)
        with site.store.write() as tx:
            try:
                taken = acknowledge(tx, about, analyst, note, site.clock())
            except ValueError as error:
                return pages.unrecorded(request, f"This {error}.", 409)
        return RedirectResponse(f"/alerts/{about}#on-it", 303) if taken else pages.missing(request)

    @routes.get("/near-misses")
    def near(request: Request) -> Response:
        if not door.by_cookie(request):
            return pages.to_sign_in(request)
        with site.store.read() as tx:
            cards = [_card(tx, one) for one in near_misses.asked(tx, reviewable_since(site))]
        return pages.page(request, "near_misses.html", {"cards": cards})

    return routes


def reviewable_since(site: Site) -> datetime:
    """What ended before is too old to be asked about."""
    return site.clock() - timedelta(days=site.settings.review.window_days)


def _card(tx: Transaction, near: NearMiss) -> NearCard:
    counted = views.stories_of(tx, near.stream, near.onset, near.ended_at, _HEADLINES)
    return NearCard(near, tuple(counted), tuple(alert_verdicts.of(tx, near.id)))
