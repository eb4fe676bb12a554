"""Where the links in an alert's mail lead: GET shows, POST records, once a link.

Another answer from the same receiver's mail stands beside the first and holds, as everywhere: a
wrong click can be mended by the right one. The same link a second time says what it did.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from alerts.types import Delivery
from monitor.alert_answers import held_by, say, verdict_id
from monitor.links import MailLink, read_link
from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import MAIL
from monitor.store.engine import Transaction
from monitor.store.link_key import key_of
from monitor.web import reading
from monitor.web.reading import Site
from monitor.web.rendering import Pages

_UNKNOWN = "This link is not one of ours, or the alert that it was about is no longer kept."
_RUN_OUT = "This link has run out: links in mail are valid for 14 days. Answer on the alert's page."


def mail_link_pages(site: Site, pages: Pages) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)

    def read(request: Request, token: str) -> MailLink | Response:
        link = read_link(token, key_of(site.store))
        if link is None:
            return pages.notice(request, "Not a link of ours", _UNKNOWN, 404)
        if link.until < site.clock():
            return pages.notice(request, "This link has run out", _RUN_OUT, 410)
        return link

    @routes.get("/v/{token}")
    def show(request: Request, token: str) -> Response:
        link = read(request, token)
        if isinstance(link, Response):
            return link
        with site.store.read() as tx:
            delivery = alerts.get_delivery(tx, link.delivery_id)
            found = alerts.get(tx, delivery.alert_id) if delivery else None
            if delivery is None or found is None:
                return pages.notice(request, "Not a link of ours", _UNKNOWN, 404)
            held = held_by(tx, found.id, voice(delivery))
            used = alert_verdicts.get(tx, verdict_id("mail", _once(link))) is not None
            card = reading.card(tx, found)
        shown = {"link": link, "card": card, "held": held, "used": used, "delivery": delivery}
        return pages.page(request, "mail_link.html", shown)

    @routes.post("/v/{token}")
    def record(request: Request, token: str) -> Response:
        link = read(request, token)
        if isinstance(link, Response):
            return link
        with site.store.write() as tx:
            if not _record(tx, link, site):
                return pages.notice(request, "Not a link of ours", _UNKNOWN, 404)
        return RedirectResponse(request.url.path, 303)

    return routes


def voice(delivery: Delivery) -> str:
    """Who speaks through a mail: everybody who reads it."""
    return MAIL + delivery.receiver


def _record(tx: Transaction, link: MailLink, site: Site) -> bool:
    delivery = alerts.get_delivery(tx, link.delivery_id)
    if delivery is None:
        return False
    who, now = voice(delivery), site.clock()
    say(tx, delivery.alert_id, who, link.answer, link.reason, "mail", now, _once(link))
    return True


def _once(link: MailLink) -> str:
    return f"{link.delivery_id}\0{link.reason}"
