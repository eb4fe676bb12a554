"""The review queue over HTTP, for analysts with a token."""

from __future__ import annotations

import random
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from alerts.wording import safe_link
from monitor.review.answering import ReviewError, answer
from monitor.review.serving import Item, next_item
from monitor.store import reviews
from monitor.store.engine import Transaction
from monitor.web.api import as_json
from monitor.web.auth import Door
from monitor.web.bodies import Body, VerdictBody, read_json
from monitor.web.reading import Site
from policy.verdicts import Verdict

# Not why it was asked, nor what is known of it: who knows what is a test answers it differently.
_TOLD = ("id", "text", "target", "head", "shown", "analyst", "answer", "correction", "reason", "at")


def review_api(site: Site, door: Door, rng: random.Random) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", default_response_class=JSONResponse)

    @routes.get("/review/next")
    def following(request: Request) -> JSONResponse:
        analyst = door.by_bearer(request)
        with site.store.write() as tx:
            item = next_item(tx, site.settings, analyst, site.clock(), rng)
        return as_json({"item": _item(item) if item is not None else None})

    @routes.post("/verdicts")
    def verdict(request: Request, body: Body) -> JSONResponse:
        analyst = door.by_bearer(request)
        given = read_json(body, VerdictBody)
        with site.store.write() as tx:
            item = reviews.get(tx, given.item)
            before = item is not None and item.answered_at is not None
            try:
                said = answer(
                    tx, given.item, analyst, given.answer, given.correction, given.reason,
                    site.clock(),
                )  # fmt: skip
            except ReviewError as error:
                raise HTTPException(_status(tx, given.item, analyst), str(error)) from None
        return as_json(_verdict(said, given.item), 200 if before else 201)

    return routes


def _item(item: Item) -> dict[str, Any]:
    return asdict(item) | {"shown": item.shown or None, "url": safe_link(item.url)}


def _verdict(said: Verdict, item_id: str) -> dict[str, Any]:
    told = {field: getattr(said, field) for field in _TOLD}
    return told | {"item": item_id, "shown": said.shown or None}


def _status(tx: Transaction, item_id: str, analyst: str) -> int:
    """Of a refusal: not this analyst's, answered already, or not fitting."""
    item = reviews.get(tx, item_id)
    if item is None or item.analyst != analyst:
        return 404
    return 422 if item.answered_at is None else 409
