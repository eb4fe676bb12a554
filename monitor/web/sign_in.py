"""Signing in and out on the page."""

from __future__ import annotations

import re

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.web.auth import Door
from monitor.web.bodies import Form
from monitor.web.rendering import Pages

log = structlog.get_logger()

# Where a sign-in may lead back to: pages of ours, so that no link can use it to lead elsewhere.
_BACK = re.compile(r"/|/review|/near-misses|/alerts(/[A-Za-z0-9._~%-]+)?")


def sign_in_routes(door: Door, pages: Pages) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/review/login")
    def ask(request: Request, back: str = "/review") -> Response:
        if door.by_cookie(request):  # a strict cookie stays away from pages opened out of a mail
            return RedirectResponse(_safe(back), 303)
        return pages.page(request, "login.html", {"back": _safe(back), "refused": ""})

    @routes.post("/review/login")
    def sign_in(request: Request, form: Form) -> Response:
        back = _safe(form.get("back", ""))
        if not door.is_our_own(request):
            return pages.foreign(request)
        name = door.by_token(form.get("token", "").strip())
        if not name:
            log.warning("analyst.refused", route="page")
            refused = "This token is not known. Check it, or ask whoever runs the daemon."
            return pages.page(request, "login.html", {"back": back, "refused": refused}, 403)
        log.info("analyst.signed_in", analyst=name)
        answer = RedirectResponse(back, 303)
        door.sign_in(answer, name)
        return answer

    @routes.post("/review/logout")
    def sign_out(request: Request) -> Response:
        if not door.is_our_own(request):
            return pages.foreign(request)
        answer = RedirectResponse("/", 303)
        door.sign_out(answer)
        return answer

    return routes


def _safe(back: str) -> str:
    return back if _BACK.fullmatch(back) else "/review"
