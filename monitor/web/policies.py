"""A candidate that has passed its gate and waits for people: told to analysts, approved by them.

An approval is taken down here and nothing else: the next round makes the candidate live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from monitor.errors import LearnError
from monitor.learning import approving
from monitor.store import trials
from monitor.store.engine import Transaction
from monitor.store.trials import Trial
from monitor.store.votes import Vote
from monitor.web.api import as_json
from monitor.web.auth import Door
from monitor.web.bodies import LONGEST_REASON, ApprovalBody, Body, Form, read_json
from monitor.web.reading import Site
from monitor.web.rendering import Pages


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an analyst should know before approving a candidate."""

    candidate: str
    champion: str
    reasons: Sequence[str]
    approvals: Sequence[Vote]
    needed: int
    effect: Mapping[str, Any]  # monitor.learning.effect

    def has(self, analyst: str) -> bool:
        return any(one.person.casefold() == analyst.casefold() for one in self.approvals)


def waiting(tx: Transaction) -> Waiting | None:
    """The candidate that waits; there is one at most."""
    for one in trials.open_trials(tx):
        if one.state == "waiting":
            given, needed = approving.standing(tx, one), one.report["passed"]["needed"]
            told = one.report.get("far", ()), given, needed, one.report.get("effect") or {}
            return Waiting(one.challenger, one.champion, *told)
    return None


def policy_api(site: Site, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", default_response_class=JSONResponse)

    @routes.get("/policies/{policy}/approvals")
    def approvals(request: Request, policy: str) -> JSONResponse:
        door.by_bearer(request)
        with site.store.read() as tx:
            return as_json(_document(tx, _tried(tx, policy)))

    @routes.post("/policies/{policy}/approvals")
    def approve(request: Request, policy: str, body: Body) -> JSONResponse:
        analyst, why = door.by_bearer(request), read_json(body, ApprovalBody).reason
        with site.store.write() as tx:
            trial = _tried(tx, policy)
            try:
                said = approving.approve(tx, trial, analyst, why, "api", site.clock())
            except LearnError as error:
                raise HTTPException(409, str(error)) from None
            return as_json(_document(tx, trial), 201 if said.new else 200)

    return routes


def _tried(tx: Transaction, policy: str) -> Trial:
    trial = approving.on_trial(tx, policy)
    if trial is None:
        raise HTTPException(404, f"no candidate {policy!r}")
    return trial


def _document(tx: Transaction, trial: Trial) -> dict[str, Any]:
    said = approving.given(tx, [trial])[trial.number]
    return {
        "candidate": trial.challenger,
        "champion": trial.champion,
        "state": trial.state,
        "reasons": list(trial.reasons) or list(trial.report.get("far", ())),
        "needed": trial.report.get("passed", {}).get("needed", 0),
        "approvals": [{"by": one.person, "reason": one.reason, "at": one.at} for one in said],
    }


def policy_pages(site: Site, door: Door, pages: Pages) -> APIRouter:
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.post("/policies/{policy}/approval")
    def approve(request: Request, policy: str, form: Form) -> Response:
        analyst, why = door.by_cookie(request), " ".join(form.get("reason", "").split())
        if refused := pages.turned_away(request, "Sign in and say it again."):
            return refused
        if not 0 < len(why) <= LONGEST_REASON:
            wanted = f"Say why you approve of it, in at most {LONGEST_REASON} characters."
            return pages.unrecorded(request, wanted, 422)
        with site.store.write() as tx:
            trial = approving.on_trial(tx, policy)
            if trial is None:
                return pages.missing(request)
            try:
                approving.approve(tx, trial, analyst, why, "page", site.clock())
            except LearnError as error:
                return pages.unrecorded(request, f"{error}.", 409)
        return RedirectResponse("/review#candidate", 303)

    return routes
