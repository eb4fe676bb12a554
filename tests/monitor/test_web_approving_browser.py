"""Approving a candidate in a real browser, beside a headline that keys would answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from asked_items import logged, put
from pilot import CHROMIUM, browser
from test_web_approving import REPORT, people
from test_web_browser import served
from test_web_review_browser import sign_in
from web_rows import DESK, NOW, client

from monitor.store import trials
from monitor.store.engine import Store
from monitor.store.trials import Opening

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


def test_what_is_typed_as_a_reason_answers_no_headline(sqlite_store: Store, tmp_path: Path) -> None:
    put(sqlite_store, "item1", text="Halvorsen posts a loss", served_at=NOW)
    with sqlite_store.write() as tx:
        trials.begin(tx, Opening("promotion", "new1", "old1", 1, 0, 0, NOW, REPORT, "waiting"))
    app = client(sqlite_store, settings=DESK).app
    with served(app) as url, browser(tmp_path / "profile") as page:
        sign_in(page, url)
        page.read("document.getElementById('why').focus()")
        for letter in "scx1":
            page.press(letter)
        page.press("Enter")
        page.until("document.body.innerText.includes('approved by you')")
        assert [line for line in page.console if '"level": "error"' in line] == []
    assert people(sqlite_store) == [("anna", "page")]
    assert logged(sqlite_store) == []
