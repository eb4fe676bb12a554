"""A review worked by the keyboard alone, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from asked_items import BLIND, PAIR, logged, put
from pilot import CHROMIUM, Pilot, browser
from starlette.types import ASGIApp, Receive, Scope, Send
from test_web_browser import served
from web_rows import DESK, HOUR, NOW, TOKENS, TOPIC, client, newsroom

from monitor.links import mail_links
from monitor.store import acknowledgements, alert_verdicts, alerts
from monitor.store.engine import Store
from monitor.store.link_key import key_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    newsroom(sqlite_store)
    return sqlite_store


def sign_in(page: Pilot, url: str) -> None:
    page.open(f"{url}/review")
    for letter in TOKENS["anna"]:
        page.press(letter)
    page.press("Enter")
    page.until("location.pathname === '/review' && document.readyState === 'complete'")


def press(page: Pilot, key: str, done: int) -> None:
    """Presses and waits for the page after it, which counts one answer more."""
    page.press(key)
    page.until(f"document.body.innerText.includes('{done} answered today')")
    page.until("document.readyState === 'complete'")


def test_a_review_is_worked_by_keys_alone(store: Store, tmp_path: Path) -> None:
    known = {"head": "topic", "shown": TOPIC, "propensities": {TOPIC: 1.0}, "target": ""}
    kinds = [
        ("c", {}), ("x", {}), ("1", {}), ("2", {}), ("4", {}), ("S", {}),
        ("3", BLIND), ("b", PAIR), ("n", PAIR), ("e", known),
    ]  # fmt: skip
    with store.write() as tx:  # nothing else is to be asked
        tx.exec_driver_sql("delete from label")
    for number, (_, different) in enumerate(kinds):
        served_at = NOW - number * HOUR / 10  # what was asked last comes first
        put(store, f"item{number}", text=f"Headline {number}", served_at=served_at, **different)
    with served(client(store, settings=DESK).app) as url, browser(tmp_path / "profile") as page:
        sign_in(page, url)
        page.read("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', "
                  "ctrlKey: true, bubbles: true}))")  # fmt: skip
        for done, (key, _) in enumerate(kinds, 1):
            press(page, key, done)
        assert page.read("document.querySelector('h1').innerText") == "Nothing to review"
        assert [line for line in page.console if '"level": "error"' in line] == []
    said = [(one.text[-1], one.answer, one.correction, one.reason) for one in logged(store)]
    assert said == [
        ("0", "confirm", "", ""),
        ("1", "reject", "", ""),
        ("2", "confirm", "", ""),
        ("3", "reject", "", ""),
        ("4", "reject", "neutral", ""),
        ("5", "abstain", "", ""),
        ("6", "reject", "negative", ""),
        ("7", "reject", "negative", ""),
        ("8", "reject", "", "neither"),
        ("9", "reject", "Treasuries | Corporate Debt", ""),
    ]


class Plain:
    """Hides what browsers tell only over https and on loopback: then Origin is all there is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = [(k, v) for k, v in scope.get("headers", ()) if not k.startswith(b"sec-fetch-")]
        await self.app(scope | {"headers": kept}, receive, send)


def test_our_forms_are_known_by_their_origin_where_that_is_all_browsers_say(
    store: Store, tmp_path: Path
) -> None:
    with store.read() as tx:
        (sent, *_) = alerts.deliveries(tx, "alert1")
    app = Plain(client(store, settings=DESK).app)
    with served(app) as url, browser(tmp_path / "profile") as page:
        sign_in(page, url)
        page.open(f"{url}/alerts/alert1")
        page.read("document.querySelector('button[value=known]').click()")
        page.until("document.querySelector('[aria-pressed=true]')")
        page.open(mail_links(sent, url, key_of(store))["real"])
        page.read("document.querySelector('form.panel button').click()")
        page.until("document.body.innerText.includes('Recorded: real')")
    with store.read() as tx:
        held = {(one.analyst, one.reason) for one in alert_verdicts.of(tx, "alert1")}
    assert held == {("anna", "known"), (f"mail:{sent.receiver}", "real")}


def test_somebody_is_on_an_alert_by_keys_alone_and_without_scripts(
    store: Store, tmp_path: Path
) -> None:
    said = "acknowledged 4 Mar 14:30 UTC by you: on it"
    app = client(store, settings=DESK).app
    with served(app) as url, browser(tmp_path / "profile", width=420) as page:
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        sign_in(page, url)
        page.open(f"{url}/alerts/alert1")
        page.read("document.querySelector('label[for=note]').control.focus()")
        for letter in "on it":
            page.press(letter)
        page.press("Tab")
        assert page.read("document.activeElement.innerText") == "I am on it"
        page.press("Enter")
        page.until(f"document.body.innerText.replace(/[“”]/g, '').includes('{said}')")
        assert page.read("document.documentElement.scrollWidth <= window.innerWidth")
    with store.read() as tx:
        assert [one.note for one in acknowledgements.of(tx, "alert1")] == ["on it"]
