"""What supervisors and Prometheus ask: alive, ready, and the figures."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4


def health_routes(
    registry: CollectorRegistry,
    refresh: Callable[[], None],
    ready: Callable[[], str],
    alive: Callable[[], str],
) -> APIRouter:
    """`refresh` brings gauges up to date; `ready` gives "" or the reason why not.

    `alive` gives "" or why only a restart can help; a store that is away is no such reason.
    """
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> PlainTextResponse:
        return _answer(alive())

    @routes.get("/readyz")
    def readyz() -> PlainTextResponse:
        return _answer(ready())

    @routes.get("/metrics")
    def metrics() -> Response:
        refresh()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes


def _answer(reason: str) -> PlainTextResponse:
    return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200)
