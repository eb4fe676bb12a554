"""A candidate that waits for people, at the console and by API: who reads and who approves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from web_desk import sign_in, words
from web_rows import NOW, as_analyst

from monitor.learning import approving
from monitor.store import learning, trials, votes
from monitor.store.engine import Store
from monitor.store.trials import Opening

PATH, FORM = "/api/v1/policies/new1/approvals", "/policies/new1/approval"
EFFECT = {"days": 14, "stories": 900, "differ": 0.031, "alerts": {"before": 5, "after": 4}}
REPORT = {
    "far": ["shown to be better: 3.61 nats of 3.49 needed"],
    "effect": EFFECT,
    "passed": {"at": NOW.isoformat(), "needed": 2},
}


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    with sqlite_store.write() as tx:
        trials.begin(tx, Opening("promotion", "new1", "old1", 1, 0, 0, NOW, REPORT, "waiting"))
    return sqlite_store


def approve(site: TestClient, who: str, body: Any, path: str = PATH) -> tuple[int, dict[str, Any]]:
    answer = site.post(path, json=body, headers=as_analyst(who))
    return answer.status_code, answer.json()


def people(store: Store) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(one.person, one.route) for one in votes.of(tx, 1)]


def test_analysts_approve_with_their_token_one_voice_each(site: TestClient, store: Store) -> None:
    for status in (201, 200):
        code, document = approve(site, "anna", {"reason": "read the card"})
        assert code == status
    assert (document["state"], document["needed"]) == ("waiting", 2)
    (given,) = document["approvals"]
    assert (given["by"], given["reason"]) == ("anna", "read the card")
    assert approve(site, "ben", {"reason": "so did I"})[0] == 201
    assert people(store) == [("anna", "api"), ("ben", "api")]
    read = site.get(PATH, headers=as_analyst("ben")).json()
    assert [one["by"] for one in read["approvals"]] == ["anna", "ben"]
    with store.read() as tx:
        trial = approving.on_trial(tx, "new1")
        assert trial is not None
        assert approving.enough(tx, trial)
        assert learning.newest_promotion(tx) is None, "a round makes it live, not the console"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no-such-token-012345"}])
def test_nobody_else_approves_or_reads_who_did(
    site: TestClient, store: Store, headers: dict[str, str]
) -> None:
    assert site.get(PATH, headers=headers).status_code == 401
    assert site.post(PATH, json={"reason": "me"}, headers=headers).status_code == 401
    assert people(store) == []


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_an_approval_says_why(site: TestClient, store: Store, body: dict[str, str]) -> None:
    code, document = approve(site, "anna", body)
    assert (code, "reason" in document["detail"]) == (422, True)
    assert people(store) == []


def test_what_does_not_wait_is_not_approved(site: TestClient, store: Store) -> None:
    assert approve(site, "anna", {"reason": "x"}, PATH.replace("new1", "new2"))[0] == 404
    with store.write() as tx:
        trials.decide(tx, 1, "refused", ["refused by root: no"], NOW + timedelta(hours=1))
    code, document = approve(site, "anna", {"reason": "x"})
    assert (code, "was refused already" in document["detail"]) == (409, True)
    sign_in(site)
    assert site.post(FORM, data={"reason": "x"}).status_code == 409
    assert "waits for approval" not in site.get("/review").text


def test_the_review_page_shows_it_with_its_evidence_and_takes_an_approval(
    site: TestClient, store: Store
) -> None:
    sign_in(site)
    told = words(site.get("/review").text)
    assert "new1 has passed its trial against old1 and goes live with 2 approvals" in told
    assert "shown to be better: 3.61 nats" in told
    assert "3.1 % of 900 stories of the last 14 days would be labelled differently" in told
    assert "alerts: 5 before, 4 after" in told
    answer = site.post(FORM, data={"reason": "<b>read</b>  the card"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review#candidate")
    html = site.get("/review").text
    assert "approved by you" in words(html)
    assert "&lt;b&gt;read&lt;/b&gt; the card" in html
    assert "Why do you approve" not in html, "one voice each"
    assert people(store) == [("anna", "page")]
    sign_in(site, "ben")
    assert "approved by anna" in words(site.get("/review").text)


def test_forms_of_strangers_and_of_other_sites_record_nothing(
    site: TestClient, store: Store
) -> None:
    assert site.post(FORM, data={"reason": "x"}).status_code == 403
    sign_in(site)
    foreign = {"sec-fetch-site": "cross-site"}
    assert site.post(FORM, data={"reason": "x"}, headers=foreign).status_code == 403
    assert site.post(FORM, data={"reason": " "}).status_code == 422
    assert site.post("/policies/new2/approval", data={"reason": "x"}).status_code == 404
    assert people(store) == []


def test_where_none_waits_the_page_says_nothing_of_it(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        trials.note(tx, 1, 0, {}, "shadow")
    sign_in(site)
    assert "waits for approval" not in site.get("/review").text
