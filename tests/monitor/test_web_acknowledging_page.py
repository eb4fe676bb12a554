"""Saying "I am on it" on an alert's page, and who reads what of it."""

from __future__ import annotations

import re

import pytest
from on_it import end, rows, say, status, surge_joins
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from web_desk import sign_in, words
from web_rows import newsroom

from monitor.store.engine import Store

FORM = "/alerts/alert1/acknowledgement"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    newsroom(sqlite_store)
    return sqlite_store


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
