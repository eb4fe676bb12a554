"""Saying "I am on it" by API, and who reads what of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from on_it import PATH, end, rows, say, status, surge_joins
from starlette.testclient import TestClient
from web_rows import as_analyst, newsroom

from monitor.store.engine import Store

DOCS = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    newsroom(sqlite_store)
    return sqlite_store


def test_an_acknowledgement_is_kept_under_the_name_of_its_token(
    site: TestClient, store: Store
) -> None:
    status_code, told = say(site, "anna", {"note": "calling the desk"})
    assert status_code == 201
    assert told.pop("id").startswith("ack-")
    assert told == {
        "alert_id": "alert1",
        "analyst": "anna",
        "note": "calling the desk",
        "at": "2026-03-04T14:30:00Z",
        "holds": True,
    }
    assert rows(store) == [("anna", "calling the desk", True)]
    known = site.get("/api/v1/alerts/alert1").json()
    assert known["status"] == "acknowledged"


def test_a_repeat_is_the_same_and_a_childs_is_its_parents(site: TestClient, store: Store) -> None:
    first, again = say(site, "anna", {}), say(site, "anna", {"note": ""})
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    inside = say(site, "ben", {}, PATH.replace("alert1", "alert2"))
    assert (inside[0], inside[1]["alert_id"]) == (201, "alert1")
    assert (status(store), status(store, "alert2")) == ("acknowledged", "acknowledged")


def test_the_list_tells_which_of_them_hold(site: TestClient, store: Store) -> None:
    assert site.get(PATH, headers=as_analyst("ben")).json() == []
    say(site, "anna", {"note": "mine"})
    surge_joins(store)
    say(site, "ben", {})
    told = site.get(PATH, headers=as_analyst("ben")).json()
    assert [(one["analyst"], one["holds"]) for one in told] == [("anna", False), ("ben", True)]
    inside = site.get(PATH.replace("alert1", "alert3"), headers=as_analyst("ben")).json()
    assert inside == told


def test_what_is_over_is_refused_and_what_is_not_there_unknown(
    site: TestClient, store: Store
) -> None:
    end(store)
    status_code, told = say(site, "anna", {})
    assert status_code == 409
    assert told["detail"].startswith("alert alert1 is over since 4 Mar 14:30 UTC: only")
    gone = PATH.replace("alert1", "gone")
    assert say(site, "anna", {}, gone) == (404, {"detail": "no alert 'gone'"})
    assert site.get(gone, headers=as_analyst("anna")).status_code == 404
    assert rows(store) == []


@pytest.mark.parametrize(
    ("body", "status_code", "fault"),
    [
        ("{", 400, "Invalid JSON"),
        ("[]", 422, "body: "),
        ('{"note": 5}', 422, "note: Input should be a valid string"),
        ('{"note": null}', 422, "note: "),
        ('{"note": "' + "x" * 501 + '"}', 422, "note: String should have at most 500"),
        ('{"who": "ben"}', 422, "who: Extra inputs are not permitted"),
    ],
)
def test_a_body_that_does_not_fit_is_one_line(
    site: TestClient, store: Store, body: str, status_code: int, fault: str
) -> None:
    answer = site.post(PATH, content=body, headers=as_analyst("anna"))
    assert answer.status_code == status_code
    assert fault in answer.json()["detail"]
    assert (rows(store), status(store)) == ([], "firing")


def test_the_documentation_shows_what_the_api_takes_and_gives(site: TestClient) -> None:
    page = DOCS.read_text(encoding="utf-8")
    section = page[page.index("## Acknowledging") :]
    (body,) = re.findall(r"-d '(\{.+?\})'", section)
    (shown,) = (json.loads(one) for one in re.findall(r"```json\n(.+?)```", section, re.S))
    posted = site.post(PATH, content=body, headers=as_analyst(shown["analyst"]))
    assert posted.status_code == 201
    unlike = {field for field, value in posted.json().items() if shown[field] != value}
    assert set(posted.json()) == set(shown)
    assert unlike <= {"id", "alert_id", "at"}
