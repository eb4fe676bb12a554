"""The list of alerts: what was said of each, and only those that were judged as asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pilot import CHROMIUM, browser
from starlette.testclient import TestClient
from test_web_browser import served
from web_rows import HOUR, NAME, NOW, TOKENS, an_alert

from alerts.types import Stream
from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Store, open_store
from monitor.web.history import in_words

UNJUDGED, AGREED, ARGUED, DISMISSED = "a1", "a2", "a3", "a4"
ALL = (UNJUDGED, AGREED, ARGUED, DISMISSED)  # the newest first


def verdict(about: str, who: str, reason: str, route: str = "page", number: int = 0) -> Any:
    answer = "confirm" if reason in ("real", "yes") else "reject"
    reason = "" if reason in ("yes", "no") else reason
    id_ = f"{about} {who} {reason} {number}"
    return AlertVerdict(id_, about, who, answer, reason, route, NOW)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    with opened.write() as tx:
        for number, id_ in enumerate(ALL):
            raised = an_alert(id_, Stream(target=NAME), raised_at=NOW - (number + 1) * HOUR)
            alerts.open_new(tx, raised, [])
        for said in (
            verdict(AGREED, "anna", "known"),
            verdict(AGREED, "anna", "real"),  # she has changed her mind
            verdict(ARGUED, "anna", "real"),
            verdict(ARGUED, "ben", "yes"),
            verdict(ARGUED, "mail:desk", "known", "mail"),
            verdict(DISMISSED, "ben", "immaterial"),
        ):
            alert_verdicts.add(tx, said)
    yield opened
    opened.close()


def cards(html: str) -> dict[str, str]:
    """The words of each card by its alert."""
    found = re.findall(r'<article class="entry.*?</article>', html, re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]+>", " ", card).split()) for card in found]
    ids = [re.findall(r'href="/alerts/([^"#]+)"', card)[0] for card in found]
    return dict(zip(ids, plain, strict=True))


def test_each_card_says_how_many_confirmed_or_dismissed_it_and_why(site: TestClient) -> None:
    told = cards(site.get("/alerts").text)
    assert tuple(told) == ALL
    assert told[AGREED].endswith("confirmed by 1")
    assert told[ARGUED].endswith("confirmed by 2 · dismissed by 1 (known, by mail)")
    assert told[DISMISSED].endswith("dismissed by 1 (immaterial)")


def test_an_alert_that_nobody_judged_is_not_a_dismissed_one(site: TestClient) -> None:
    told = cards(site.get("/alerts").text)[UNJUDGED]
    assert told.endswith("nobody has judged it yet")
    assert "dismissed" not in told


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], ""),
        (["real", "yes"], "confirmed by 2"),
        (["no"], "dismissed by 1"),
        (["known", "known"], "dismissed by 2 (known)"),
        (["known", "no"], "dismissed by 2 (1 known)"),
        (
            ["wrong topic", "known", "known", "real"],
            "confirmed by 1 · dismissed by 3 (2 known, 1 wrong topic)",
        ),
    ],
)
def test_reasons_are_counted_where_they_are_not_everybodys(said: list[str], words: str) -> None:
    assert in_words([verdict("a", f"{n}", reason) for n, reason in enumerate(said)]) == words


def test_mail_is_told_apart_for_nobody_knows_who_pressed_it() -> None:
    voices = [verdict("a", "mail:desk", "yes", "mail"), verdict("a", "anna", "real")]
    assert in_words(voices) == "confirmed by 2 (1 by mail)"


@pytest.mark.parametrize(
    ("judged", "shown"),
    [
        ("all", ALL),
        ("pending", (UNJUDGED,)),
        ("confirmed", (AGREED, ARGUED)),
        ("dismissed", (ARGUED, DISMISSED)),
    ],
)
def test_a_link_shows_those_that_were_judged_so(
    site: TestClient, judged: str, shown: tuple[str, ...]
) -> None:
    html = site.get("/alerts", params={"judged": judged}).text
    assert tuple(cards(html)) == shown
    links = re.search(r'<nav class="judged".*?</nav>', html, re.DOTALL)
    assert links
    (current,) = re.findall(r'<a href="([^"]+)" aria-current="page">', links[0])
    assert tuple(cards(site.get(current).text)) == shown
    words = " ".join(re.sub(r"<[^>]+>", " ", links[0]).split())
    assert words == "all 4 not judged 1 confirmed 2 dismissed 2"


def test_where_none_was_judged_so_the_page_says_it(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        tx.exec_driver_sql("delete from alert_verdict")
    html = site.get("/alerts", params={"judged": "dismissed"}).text
    assert "None of them is dismissed." in html
    assert "No alert has been raised yet." not in html


def test_without_alerts_there_is_nothing_to_choose_from(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        tx.exec_driver_sql("delete from alert")
    html = site.get("/alerts").text
    assert "No alert has been raised yet." in html
    assert 'class="judged"' not in html


def test_a_choice_that_is_none_is_the_askers_fault(site: TestClient) -> None:
    assert site.get("/alerts", params={"judged": "<b>"}).status_code == 422


def test_the_list_names_nobody(site: TestClient) -> None:
    assert not re.search(r"\b(anna|ben|mail:desk)\b", site.get("/alerts").text)
    site.post("/review/login", data={"token": TOKENS["anna"]}, follow_redirects=False)
    assert not re.search(r"\b(ben|mail:desk)\b", site.get("/alerts").text)


def test_the_verdicts_of_all_cards_are_one_query(site: TestClient, store: Store) -> None:
    asked: list[str] = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        asked.append(sql)

    site.get("/alerts")
    sa.event.remove(store.engine, "before_cursor_execute", _note)
    assert sum("alert_verdict" in sql for sql in asked) == 1


def test_what_analysts_say_changes_nothing_in_the_json_of_alerts(
    site: TestClient, store: Store
) -> None:
    judged = site.get("/api/v1/alerts").json()
    with store.write() as tx:
        tx.exec_driver_sql("delete from alert_verdict")
    assert site.get("/api/v1/alerts").json() == judged


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_a_telephone_shows_the_list_without_scrolling_sideways(
    site: TestClient, tmp_path: Path
) -> None:
    with served(site.app) as url, browser(tmp_path / "profile") as page:
        page.call("Emulation.setDeviceMetricsOverride", width=360, height=800,
                  deviceScaleFactor=1, mobile=True)  # fmt: skip
        page.open(f"{url}/alerts")
        page.read("document.querySelector('.judged a:last-child').click()")
        page.until("location.search === '?judged=dismissed' && document.readyState === 'complete'")
        assert page.read("document.querySelectorAll('article.entry').length") == 2
        assert page.read("document.documentElement.scrollWidth") == 360
        assert page.console == []
