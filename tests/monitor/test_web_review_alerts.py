"""What analysts say of alerts and near-misses, by API and on the page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from web_desk import sign_in, words
from web_rows import HOUR, NAME, NOW, add_story, as_analyst, newsroom

from alerts.near_misses import NearMiss
from alerts.types import Stream
from monitor.store import alert_verdicts, near_misses, standings
from monitor.store.engine import Store
from monitor.store.standings import KeptStanding

PATH = "/api/v1/alerts/alert1/verdicts"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    newsroom(sqlite_store)
    return sqlite_store


def say(site: TestClient, who: str, body: Any, path: str = PATH) -> tuple[int, dict[str, Any]]:
    answer = site.post(path, json=body, headers=as_analyst(who))
    return answer.status_code, answer.json()


def said(store: Store, about: str = "alert1") -> list[tuple[str, str, str, str]]:
    with store.read() as tx:
        held = alert_verdicts.of(tx, about)
    return [(one.analyst, one.answer, one.reason, one.route) for one in held]


def a_near_miss(id_: str, asked: bool = True, ended_at: float = 1) -> NearMiss:
    over = NOW - ended_at * HOUR
    return NearMiss(id_, Stream(target=NAME), over - 3 * HOUR, over, -0.4, 9, 6, 0.25, 0.05, asked)


def test_an_answer_is_kept_under_the_name_of_its_token(site: TestClient, store: Store) -> None:
    status, told = say(site, "anna", {"answer": "reject", "reason": "wrong topic"})
    assert status == 201
    assert told.pop("id").startswith("api-")
    assert told == {
        "alert_id": "alert1",
        "analyst": "anna",
        "answer": "reject",
        "reason": "wrong topic",
        "route": "api",
        "at": "2026-03-04T14:30:00Z",
    }
    assert said(store) == [("anna", "reject", "wrong topic", "api")]


def test_a_repeat_is_the_same_answer_and_a_changed_mind_is_another(
    site: TestClient, store: Store
) -> None:
    duplicate, real = {"answer": "reject", "reason": "duplicate"}, {"answer": "confirm"}
    first, again = say(site, "anna", duplicate), say(site, "anna", duplicate)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert say(site, "anna", real)[0] == 201
    back = say(site, "anna", duplicate)  # all within one moment of the clock
    assert back[0] == 201
    assert back[1]["id"] != first[1]["id"]
    assert said(store) == [("anna", "reject", "duplicate", "api")]


def test_nobodys_answer_is_pending_and_not_a_no(site: TestClient) -> None:
    def ask() -> dict[str, Any]:
        told: dict[str, Any] = site.get(PATH, headers=as_analyst("ben")).json()
        return told

    assert ask() == {"pending": True, "verdicts": []}
    say(site, "anna", {"answer": "confirm", "reason": "real"})
    assert ask()["pending"] is False
    assert [one["analyst"] for one in ask()["verdicts"]] == ["anna"]


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ("{", 400, "Invalid JSON"),
        ("[" * 5000, 400, "recursion limit"),
        ("[]", 422, "body: "),
        ("{}", 422, "answer: Field required"),
        ('{"answer": "maybe"}', 422, "answer: Input should be 'confirm' or 'reject'"),
        ('{"answer": 1, "reason": 2}', 422, "(and 1 more)"),
        ('{"answer": "reject", "why": "x"}', 422, "why: Extra inputs are not permitted"),
        ('{"answer": "confirm", "reason": "known"}', 422, "does not go with confirm: give real"),
        ('{"answer": "reject", "reason": "' + "x" * 20_000 + '"}', 413, "larger than 16,384 bytes"),
    ],
)
def test_a_body_that_does_not_fit_is_one_line(
    site: TestClient, store: Store, body: str, status: int, fault: str
) -> None:
    answer = site.post(PATH, content=body, headers=as_analyst("anna"))
    assert answer.status_code == status
    assert fault in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert said(store) == []


def test_what_is_not_there_cannot_be_answered(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        near_misses.add(tx, [a_near_miss("audit-unasked", asked=False)])
    for about in ("gone", "audit-unasked"):
        path = f"/api/v1/alerts/{about}/verdicts"
        status, told = say(site, "anna", {"answer": "confirm"}, path)
        assert (status, said(store, about)) == (404, [])
        assert f"no alert '{about}'" in told["detail"]
        assert site.get(path, headers=as_analyst("anna")).status_code == 404


def test_near_misses_that_were_drawn_are_put_and_answered(site: TestClient, store: Store) -> None:
    drawn = [a_near_miss("audit-1"), a_near_miss("audit-2", asked=False)]
    with store.write() as tx:
        near_misses.add(tx, [*drawn, a_near_miss("audit-3", ended_at=15 * 24)])
    (told,) = site.get("/api/v1/near-misses", headers=as_analyst("anna")).json()
    assert told == {
        "id": "audit-1",
        "topic": "",
        "target": NAME,
        "onset": "2026-03-04T10:30:00Z",
        "ended_at": "2026-03-04T13:30:00Z",
        "stories": 9,
        "negatives": 6,
        "baseline": 0.25,
        "pending": True,
    }
    path = "/api/v1/alerts/audit-1/verdicts"
    assert say(site, "anna", {"answer": "confirm", "reason": "real"}, path)[0] == 201
    assert said(store, "audit-1") == [("anna", "confirm", "real", "api")]
    (told,) = site.get("/api/v1/near-misses", headers=as_analyst("anna")).json()
    assert told["pending"] is False


def test_standings_are_told_to_analysts(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        standings.keep(tx, [KeptStanding("ben", "adversary", -0.6, 214, {"alpha": 0.2}, NOW)])
    assert site.get("/api/v1/analysts", headers=as_analyst("anna")).json() == [
        {
            "name": "ben",
            "standing": "adversary",
            "trust": -0.6,
            "verdicts": 214,
            "figures": {"alpha": 0.2},
            "at": "2026-03-04T14:30:00Z",
        }
    ]


def test_an_alert_is_answered_on_its_page(site: TestClient, store: Store) -> None:
    page = site.get("/alerts/alert1").text
    assert "pending nobody has answered yet, which is not a no" in words(page)
    assert "/alerts/alert1/verdict" not in page
    assert '<a href="/review/login?back=/alerts/alert1">Sign in</a> to answer' in page
    sign_in(site, "anna")
    with capture_logs() as logs:
        answer = site.post("/alerts/alert1/verdict", data={"reason": "known"})
    assert answer.status_code == 200
    assert "known you, 4 Mar 14:30 UTC" in words(answer.text)
    assert re.search(r'value="known"[^>]*aria-pressed="true"', answer.text)
    assert said(store) == [("anna", "reject", "known", "page")]
    assert [(one["event"], one["analyst"], one["reason"]) for one in logs] == [
        ("alert.answered", "anna", "known")
    ]
    sign_in(site, "ben")
    assert "known anna, 4 Mar 14:30 UTC" in words(site.get("/alerts/alert1").text)
    site.cookies.clear()
    passing = words(site.get("/alerts/alert1").text)
    assert "known 4 Mar 14:30 UTC" in passing
    assert "anna" not in passing


@pytest.mark.parametrize("reason", ["", "boring", "neither", "confirm"])
def test_a_form_without_an_answer_of_ours_records_nothing(
    site: TestClient, store: Store, reason: str
) -> None:
    sign_in(site, "anna")
    answer = site.post("/alerts/alert1/verdict", data={"reason": reason})
    assert (answer.status_code, said(store)) == (422, [])


def test_nobody_answers_without_signing_in(site: TestClient, store: Store) -> None:
    answer = site.post("/alerts/alert1/verdict", data={"reason": "real"})
    assert (answer.status_code, said(store)) == (403, [])


def test_near_misses_are_answered_on_a_page_with_their_headlines(
    site: TestClient, store: Store
) -> None:
    with store.write() as tx:
        seen = NOW - 2 * HOUR - timedelta(minutes=10)
        add_story(tx, "Ferry order <lost>", seen, targets=[(NAME, "negative")])
        near_misses.add(tx, [a_near_miss("audit-1")])
    sign_in(site, "anna")
    page = site.get("/near-misses").text
    assert f"{NAME} 4 Mar 10:30 to 4 Mar 13:30 UTC" in words(page)
    assert "6 of 9 stories negative, 25 % is usual" in words(page)
    assert "Ferry order &lt;lost&gt;" in page
    assert "0.4" not in page  # how near it came would lead the answer
    answer = site.post("/alerts/audit-1/verdict", data={"reason": "immaterial"})
    assert "immaterial you" in words(answer.text)
    assert said(store, "audit-1") == [("anna", "reject", "immaterial", "page")]


def test_the_wall_names_an_adversary_to_analysts_only(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        kept = [
            KeptStanding("ben", "adversary", -0.62, 214, {}, NOW),
            KeptStanding("carla", "watched", 0.3, 40, {}, NOW),
        ]
        standings.keep(tx, kept)
    assert "answers falsely" not in site.get("/").text
    sign_in(site, "anna")
    wall = words(site.get("/").text)
    assert "ben answers falsely , by the reckoning of 14:30 UTC: trust -0.62 over 214" in wall
    assert "carla" not in wall
