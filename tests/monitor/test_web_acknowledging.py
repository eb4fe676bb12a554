"""Saying "I am on it", by API and on the page, and who reads what of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from web_rows import DESK, NAME, NOW, TOKENS, an_alert, as_analyst, client, newsroom

from alerts.types import Stream
from monitor.acknowledging import settle, who_was_on
from monitor.store import alerts
from monitor.store.engine import Store, open_store

PATH = "/api/v1/alerts/alert1/acknowledgements"
FORM = "/alerts/alert1/acknowledgement"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    newsroom(opened)
    yield opened
    opened.close()


@pytest.fixture
def site(store: Store) -> TestClient:
    return client(store, settings=DESK)


def say(site: TestClient, who: str, body: Any, path: str = PATH) -> tuple[int, dict[str, Any]]:
    answer = site.post(path, json=body, headers=as_analyst(who))
    return answer.status_code, answer.json()


def rows(store: Store) -> list[tuple[str, str, bool]]:
    with store.read() as tx:
        told = who_was_on(tx, an_alert("alert1", Stream(target=NAME)))
    return [(one.analyst, one.note, holds) for one, holds in told]


def status(store: Store, alert_id: str = "alert1") -> str:
    with store.read() as tx:
        found = alerts.get(tx, alert_id)
    assert found is not None
    return found.status


def surge_joins(store: Store) -> None:
    surge = replace(
        an_alert("alert3", Stream(), parent="alert1", raised_at=NOW), kind="negative_volume",
        expected=2.0,
    )  # fmt: skip
    with store.write() as tx:
        alerts.open_new(tx, surge, [])
        settle(tx, surge)


def end(store: Store) -> None:
    over = an_alert("alert1", Stream(target=NAME), resolved_at=NOW)
    with store.write() as tx:
        alerts.update(tx, over)


def sign_in(site: TestClient, name: str) -> None:
    site.post("/review/login", data={"token": TOKENS[name]}, follow_redirects=False)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


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


def test_it_is_said_on_the_alerts_page_and_everybody_reads_it_without_the_name(
    site: TestClient, store: Store
) -> None:
    page = site.get("/alerts/alert1").text
    assert FORM not in page
    assert "Sign in</a> to say that you are on it" in page
    sign_in(site, "anna")
    assert "nobody has said so" in words(site.get("/alerts/alert1").text)
    with capture_logs() as logs:
        answer = site.post(FORM, data={"note": "calling <b>the</b> desk"})
    assert answer.status_code == 200
    assert "acknowledged 4 Mar 14:30 UTC by you: calling &lt;b&gt;the&lt;/b&gt; desk" in words(
        answer.text
    )
    assert [one["event"] for one in logs] == ["alert.acknowledged"]
    assert "calling" not in str(logs)
    assert rows(store) == [("anna", "calling <b>the</b> desk", True)]
    for path in ("/", "/alerts", "/alerts/alert1", "/alerts/alert2"):
        sign_in(site, "ben")
        assert "acknowledged 4 Mar 14:30 UTC by anna: calling" in words(site.get(path).text), path
        site.cookies.clear()
        passing = words(site.get(path).text)
        assert "acknowledged 4 Mar 14:30 UTC : calling" in passing, path
        assert "anna" not in passing, path


def test_of_several_the_newest_stands_on_the_cards_and_all_on_the_page(site: TestClient) -> None:
    say(site, "anna", {"note": "mine"})
    say(site, "ben", {"note": "mine too"})
    for path in ("/", "/alerts"):
        told = words(site.get(path).text)
        assert "acknowledged 4 Mar 14:30 UTC : mine too" in told, path
        assert told.count("acknowledged") == 1, path
    assert "mine 4 Mar 14:30 UTC mine too 4 Mar 14:30 UTC" in words(site.get("/alerts/alert1").text)


def test_the_badge_stays_the_severity_until_the_alert_is_over(
    site: TestClient, store: Store
) -> None:
    say(site, "anna", {})
    badges = r'class="badge">(\w+)<'
    assert re.findall(badges, site.get("/alerts/alert1").text) == ["critical"]
    assert re.findall(badges, site.get("/alerts").text) == ["critical"]
    end(store)
    assert re.findall(badges, site.get("/alerts/alert1").text) == ["resolved"]


def test_one_that_has_spread_is_acknowledged_no_more_and_its_page_says_why(
    site: TestClient, store: Store
) -> None:
    say(site, "anna", {"note": "mine"})
    surge_joins(store)
    for path in ("/", "/alerts"):
        assert "acknowledged" not in words(site.get(path).text)
    page = words(site.get("/alerts/alert1").text)
    assert "mine 4 Mar 14:30 UTC, before it spread" in page
    assert "nobody since it spread" in page
    sign_in(site, "anna")
    again = words(site.post(FORM, data={"note": "mine"}).text)
    assert "acknowledged 4 Mar 14:30 UTC by you: mine" in again
    assert rows(store) == [("anna", "mine", False), ("anna", "mine", True)]


def test_what_is_over_keeps_who_was_on_it_and_takes_no_more(site: TestClient, store: Store) -> None:
    sign_in(site, "anna")
    end(store)
    assert 'id="on-it"' not in site.get("/alerts/alert1").text
    answer = site.post(FORM, data={"note": "late"})
    assert answer.status_code == 409
    assert "This alert alert1 is over since 4 Mar 14:30 UTC" in words(answer.text)
    assert rows(store) == []


def test_the_form_is_gone_and_the_rows_stay_once_it_is_over(site: TestClient, store: Store) -> None:
    say(site, "anna", {"note": "mine"})
    end(store)
    sign_in(site, "ben")
    page = site.get("/alerts/alert1").text
    assert "mine anna, 4 Mar 14:30 UTC" in words(page)
    assert FORM not in page


@pytest.mark.parametrize(
    ("who", "headers", "note", "refused"),
    [
        ("", {}, "", 403),
        ("anna", {"Sec-Fetch-Site": "cross-site"}, "", 403),
        ("anna", {"Origin": "https://elsewhere.example"}, "", 403),
        ("anna", {}, "x" * 501, 422),
    ],
)
def test_a_form_that_is_not_an_analysts_from_our_page_records_nothing(
    site: TestClient, store: Store, who: str, headers: dict[str, str], note: str, refused: int
) -> None:
    if who:
        sign_in(site, who)
    answer = site.post(FORM, data={"note": note}, headers=headers)
    assert answer.status_code == refused
    assert "Nothing was recorded" in answer.text
    assert (rows(store), status(store)) == ([], "firing")


def test_a_form_about_nothing_is_a_missing_page(site: TestClient) -> None:
    sign_in(site, "anna")
    assert site.post(FORM.replace("alert1", "gone")).status_code == 404


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
