"""What supervisors and Prometheus ask: alive, ready, and the figures."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from monitor.store import runs
from monitor.store.engine import Store


def health_routes(
    store: Store,
    registry: CollectorRegistry,
    refresh: Callable[[], None],
    ready: Callable[[], str],
) -> APIRouter:
    """`refresh` brings gauges up to date; `ready` gives "" or the reason why not."""
    routes = APIRouter()

    @routes.get("/healthz", response_class=PlainTextResponse)
    def healthz() -> str:
        with store.read() as tx:  # where it cannot answer, the app says 503 and why
            runs.latest(tx)
        return "ok\n"

    @routes.get("/readyz")
    def readyz() -> PlainTextResponse:
        reason = ready()
        return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200)

    @routes.get("/metrics")
    def metrics() -> Response:
        refresh()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes
