"""A quiet feed on the page, in the API and on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from web_rows import NOW, add_feed, client

from monitor.cli.feeds import list_feeds
from monitor.cli.state import lines, read_state
from monitor.store import feeds
from monitor.store.engine import Store, open_store

DAY = timedelta(days=1)
SAID = "quiet for 9 months"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Feeds in every state; `silentwire` answers and has published nothing for nine months."""
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    with opened.write() as tx:
        for state in ("ok", "new", "failing", "down"):
            add_feed(tx, f"{state}wire", state, "timeout after 20 s" if state == "down" else "")
        silent = add_feed(tx, "silentwire")
        feeds.record(tx, silent, {"last_ok_at": NOW, "last_article_at": NOW - 274 * DAY})
    yield opened
    opened.close()


def test_the_page_shows_a_quiet_feed_after_the_sick_and_before_the_well(store: Store) -> None:
    html = client(store).get("/").text
    rows = re.findall(r'<tr class="(\w+)">\s*<th scope="row">(\w+wire)(.*?)</th>', html)
    shown = [(state, name) for state, name, _ in rows if name.endswith("wire")]
    assert shown == [
        ("down", "downwire"), ("failing", "failingwire"), ("quiet", "silentwire"),
        ("new", "newwire"), ("ok", "okwire"),
    ]  # fmt: skip
    assert [SAID in more for _, _, more in rows] == [False, False, True, False, False]
    figures = re.search(r"<dt>Feeds</dt><dd>(.*?)</dd>", html)
    assert figures is not None
    counted = " ".join(re.sub(r"<[^>]+>", " ", figures[1]).split())
    assert counted == "1 ok 1 new 1 quiet 1 failing 1 down"


def test_programs_are_told_since_when_it_is_quiet(store: Store) -> None:
    told = {one["name"]: one for one in client(store).get("/api/v1/feeds").json()}
    assert told["silentwire"]["state"] == "quiet"
    assert told["silentwire"]["quiet_since"] == told["silentwire"]["last_article_at"]
    assert told["silentwire"]["usual_gap_s"] is None
    assert told["okwire"]["quiet_since"] is None
    state = read_state(store, NOW)
    told = {one["name"]: one for one in state["feeds"]}
    assert (told["silentwire"]["state"], told["okwire"]["state"]) == ("quiet", "ok")
    assert told["silentwire"]["quiet_since"] == told["silentwire"]["last_article_at"]


def test_status_counts_and_names_it(store: Store) -> None:
    said = list(lines(read_state(store, NOW)))
    assert said[0] == "feeds      5 watched: 1 ok, 1 quiet, 2 in trouble"
    assert f"  quiet    silentwire: {SAID}" in said


def test_feeds_list_says_so(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", f"sqlite:///{tmp_path}/news.db")
    monkeypatch.setattr("monitor.cli.feeds.wall_clock", lambda: NOW)
    list_feeds()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "silentwire" in line]
    assert line.startswith("quiet ")
    assert line.endswith(SAID)
    list_feeds(json_output=True)
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert (told["silentwire"]["state"], told["okwire"]["state"]) == ("quiet", "ok")
    assert told["silentwire"]["quiet_since"]
