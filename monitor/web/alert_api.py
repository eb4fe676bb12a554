"""Answers about alerts and near-misses over HTTP, and who is on what, for analysts with a token."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from alerts.near_misses import NearMiss
from monitor.acknowledging import acknowledge, who_was_on
from monitor.alert_answers import answerable, say
from monitor.store import alert_verdicts, alerts, near_misses, standings
from monitor.store.acknowledgements import Acknowledgement
from monitor.store.engine import Transaction
from monitor.web.alert_pages import reviewable_since
from monitor.web.api import as_json
from monitor.web.auth import Door
from monitor.web.bodies import AcknowledgementBody, AlertVerdictBody, Body, read_json
from monitor.web.reading import Site


def alert_answer_api(site: Site, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", default_response_class=JSONResponse)

    @routes.post("/alerts/{about}/verdicts")
    def answer(request: Request, about: str, body: Body) -> JSONResponse:
        analyst = door.by_bearer(request)
        given = read_json(body, AlertVerdictBody)
        with site.store.write() as tx:
            _known(tx, about)
            try:
                said = say(tx, about, analyst, given.answer, given.reason, "api", site.clock())
            except ValueError as error:
                raise HTTPException(422, str(error)) from None
        return as_json(said.verdict, 201 if said.new else 200)

    @routes.get("/alerts/{about}/verdicts")
    def said_of(request: Request, about: str) -> JSONResponse:
        door.by_bearer(request)
        with site.store.read() as tx:
            _known(tx, about)
            said = alert_verdicts.of(tx, about)
        return as_json({"pending": not said, "verdicts": said})

    @routes.post("/alerts/{about}/acknowledgements")
    def on_it(request: Request, about: str, body: Body) -> JSONResponse:
        analyst = door.by_bearer(request)
        note = read_json(body, AcknowledgementBody).note
        with site.store.write() as tx:
            try:
                taken = acknowledge(tx, about, analyst, note, site.clock())
            except ValueError as error:
                raise HTTPException(409, str(error)) from None
        if taken is None:
            raise HTTPException(404, f"no alert {about!r}")
        return as_json(_acknowledgement(taken.said, holds=True), 201 if taken.new else 200)

    @routes.get("/alerts/{about}/acknowledgements")
    def who_is_on(request: Request, about: str) -> JSONResponse:
        door.by_bearer(request)
        with site.store.read() as tx:
            found = alerts.get(tx, about)
            if found is None:
                raise HTTPException(404, f"no alert {about!r}")
            return as_json([_acknowledgement(*one) for one in who_was_on(tx, found)])

    @routes.get("/near-misses")
    def near(request: Request) -> JSONResponse:
        door.by_bearer(request)
        with site.store.read() as tx:
            asked = near_misses.asked(tx, reviewable_since(site))
            found = [_near(one, bool(alert_verdicts.of(tx, one.id))) for one in asked]
        return as_json(found)

    @routes.get("/analysts")
    def analysts(request: Request) -> JSONResponse:
        door.by_bearer(request)
        with site.store.read() as tx:
            return as_json([_standing(one) for one in standings.latest(tx)])

    return routes


def _known(tx: Transaction, about: str) -> None:
    if answerable(tx, about) is None:
        raise HTTPException(404, f"no alert {about!r}, and no near-miss that was put to analysts")


def _acknowledgement(one: Acknowledgement, holds: bool) -> dict[str, Any]:
    told = ("id", "alert_id", "analyst", "note", "at")
    return {field: getattr(one, field) for field in told} | {"holds": holds}


def _near(one: NearMiss, answered: bool) -> dict[str, Any]:
    """Without its margin and how it was drawn: whoever is asked should judge the news alone."""
    told = ("id", "onset", "ended_at", "stories", "negatives", "baseline")
    stream = {"topic": one.stream.topic, "target": one.stream.target}
    return {field: getattr(one, field) for field in told} | stream | {"pending": not answered}


def _standing(one: standings.KeptStanding) -> dict[str, Any]:
    document = asdict(one)
    return {"name": document.pop("analyst"), **document}
