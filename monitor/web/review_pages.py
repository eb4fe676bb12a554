"""The page on which analysts judge labels: a form of buttons, one headline at a time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.review.answering import ReviewError, answer
from monitor.review.serving import Item, next_item, open_item
from monitor.store import reviews
from monitor.store.engine import Transaction
from monitor.web.auth import Door
from monitor.web.bodies import Form
from monitor.web.policies import waiting
from monitor.web.reading import Site
from monitor.web.rendering import Pages

# What a button says → answer, reason. A label is rejected by saying the right one: its name follows
# the colon.
_SAYS = {
    "confirm": ("confirm", ""),
    "reject": ("reject", ""),
    "skip": ("abstain", ""),
    "neither": ("reject", "neither"),
    "label": ("reject", ""),
}
_FEW = 3  # labels that have digits, after those of confirm and reject; more have letters
# c, x, s and n have their meaning: no label may be said by a slip that meant them.
_LETTERS = [letter for letter in ascii_lowercase if letter not in "cxsn"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A label that can be said, and the key that says it."""

    label: str
    key: str


def review_pages(site: Site, door: Door, pages: Pages, rng: random.Random) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)

    def show(request: Request, analyst: str, fault: str = "") -> Response:
        now = site.clock()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        with site.store.write() as tx:
            item = open_item(tx, analyst, now) or next_item(tx, site.settings, analyst, now, rng)
            done = reviews.count_answered(tx, analyst, today)
            candidate = waiting(tx)
        shown = {
            "item": item,
            "choices": choices(item) if item else [],
            "done": done,
            "candidate": candidate,
            "fault": fault,
            "now": now,
        }
        return pages.page(request, "review.html", shown, 409 if fault else 200)

    @routes.get("/review")
    def ask(request: Request) -> Response:
        analyst = door.by_cookie(request)
        return show(request, analyst) if analyst else pages.to_sign_in(request)

    @routes.post("/review")
    def say(request: Request, form: Form) -> Response:
        if not door.is_our_own(request):
            return pages.foreign(request)
        analyst = door.by_cookie(request)
        if not analyst:
            return pages.to_sign_in(request)
        try:
            with site.store.write() as tx:
                _take_down(tx, site, analyst, form)
        except ReviewError as error:
            return show(request, analyst, str(error))
        return RedirectResponse("/review", 303)

    return routes


def choices(item: Item) -> list[Choice]:
    """The labels that may be said of this item: a pair's two, else all but the one shown.

    A label has the same key on every item of its head, so that hands may learn it.
    """
    if item.options:
        return [Choice(label, key) for label, key in zip(item.options, "ab", strict=True)]
    keyed = zip(item.labels, _keys(item.labels), strict=True)
    return [Choice(label, key) for label, key in keyed if label != item.shown]


def _keys(labels: Sequence[str]) -> Sequence[str]:
    return "345" if len(labels) <= _FEW else _LETTERS[: len(labels)]


def _take_down(tx: Transaction, site: Site, analyst: str, form: dict[str, str]) -> None:
    """Raises ReviewError."""
    what, _, label = form.get("say", "").partition(":")
    if what not in _SAYS:
        raise ReviewError("say what you think of it by one of the buttons")
    said, reason = _SAYS[what]
    answer(tx, form.get("item", ""), analyst, said, label, reason, site.clock())
