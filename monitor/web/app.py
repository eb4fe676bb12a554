"""The web application: wall, alerts, review, JSON, metrics and health.

Whoever reaches it may read. Only analysts and the links in mail may say something, and what they
say is all that is written here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry
from starlette.middleware.gzip import GZipMiddleware

from monitor.config import Settings
from monitor.store.engine import DatabaseFault, Store
from monitor.web.alert_api import alert_answer_api
from monitor.web.alert_pages import alert_answer_pages
from monitor.web.api import api_routes
from monitor.web.auth import Door
from monitor.web.health import health_routes
from monitor.web.mail_pages import mail_link_pages
from monitor.web.pages import page_routes
from monitor.web.policies import policy_api, policy_pages
from monitor.web.reading import Site
from monitor.web.rendering import Pages
from monitor.web.review_api import review_api
from monitor.web.review_pages import review_pages
from monitor.web.security import NoNul, SecureHeaders
from monitor.web.sign_in import sign_in_routes

STATIC = Path(__file__).parent / "static"


def create_app(
    store: Store,
    settings: Settings,
    registry: CollectorRegistry,
    clock: Callable[[], datetime],
    refresh: Callable[[], None],
    ready: Callable[[], str],
    alive: Callable[[], str],
    banner: str = "",
    rng: random.Random | None = None,
) -> FastAPI:
    """An ASGI application that reads `store` at the time `clock` tells.

    `refresh` is called before /metrics renders; `ready` and `alive` give "" or the reason why not;
    `banner` stands on every page, such as "Fictional news, virtual clock"; `rng` draws what
    analysts are asked.
    """
    # The interactive documentation would load scripts from elsewhere.
    app = FastAPI(title="Downdraft", docs_url=None, redoc_url=None, openapi_url=None)
    site, door = Site(store, settings, clock, banner), Door(store, settings, clock)
    pages, chance = Pages(site, door), rng or random.Random()
    for routes in (
        sign_in_routes(door, pages),
        review_pages(site, door, pages, chance),
        review_api(site, door, chance),
        alert_answer_pages(site, door, pages),
        mail_link_pages(site, pages),
        page_routes(site, door, pages),
        alert_answer_api(site, door),
        policy_pages(site, door, pages),
        policy_api(site, door),
        api_routes(site),
    ):
        app.include_router(routes)
    app.include_router(health_routes(registry, refresh, ready, alive))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(DatabaseFault, _store_is_away)
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(NoNul)
    app.add_middleware(SecureHeaders)
    return app


def _store_is_away(_request: Request, error: Exception) -> PlainTextResponse:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return PlainTextResponse(f"the store does not answer: {reason}\n", 503)
