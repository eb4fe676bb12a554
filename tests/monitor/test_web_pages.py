"""The pages as a browser without JavaScript gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from web_rows import (
    HOUR,
    NAME,
    NOW,
    TOPIC,
    a_story,
    add_feed,
    add_story,
    an_alert,
    client,
    newsroom,
)

from alerts.types import Copy, Stream
from monitor.store import alerts, runs
from monitor.store.engine import Store, open_store
from monitor.store.tables import label


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


def section(html: str, name: str) -> str:
    """What stands inside the element with this id, as words."""
    inside = re.split(rf'id="{name}"[^>]*>', html)[1].split("data-live")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", inside).split())


def test_an_empty_store_gives_a_calm_page(store: Store) -> None:
    answer = client(store, banner="Fictional news").get("/")
    assert answer.status_code == 200
    assert "Nothing firing No alert has been raised yet." in section(answer.text, "alerts")
    assert "Fictional news" in answer.text
    assert "at most 1 false alarm a week over 23 streams" in section(answer.text, "figures")


def test_a_firing_alert_stands_on_the_wall_with_its_numbers(store: Store) -> None:
    newsroom(store)
    shown = section(client(store).get("/").text, "alerts")
    assert f"Negative news about {NAME}: 14 of 16 stories since 09:00 UTC" in shown
    assert "88 % negative, 25 % usual" in shown
    assert f"Inside: {TOPIC} (14 of 16 stories)" in shown
    assert "Halvorsen halts" in shown
    assert "pager: dead" in shown


def test_critical_alerts_stand_above_newer_warnings_and_own_the_chart(store: Store) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert("a", Stream(target=NAME), raised_at=NOW - 9 * HOUR), [])
        alerts.open_new(tx, an_alert("b", Stream(topic=TOPIC), severity="warning"), [])
    html = client(store).get("/").text
    assert html.index('href="/alerts/a"') < html.index('href="/alerts/b"')
    assert f'data-topic="" data-target="{NAME}"' in html


def test_after_the_end_of_an_alert_the_page_is_calm_and_says_when_it_was(store: Store) -> None:
    with store.write() as tx:
        over = an_alert("a", Stream(), resolved_at=NOW - HOUR)
        alerts.open_new(tx, over, [])
    shown = section(client(store).get("/").text, "alerts")
    assert "Nothing firing The last alert was raised 12:30 UTC, 2 h 0 min ago." in shown


def test_the_chart_starts_with_the_stream_that_fires_and_follows_a_choice(store: Store) -> None:
    newsroom(store)
    site = client(store)
    assert f'data-target="{NAME}"' in site.get("/").text
    chosen = site.get("/", params={"topic": TOPIC, "days": 30}).text
    assert 'data-topic="Legal | Regulation" data-target="" data-days="30"' in chosen


def test_streams_headlines_and_feeds_are_there_without_javascript(store: Store) -> None:
    newsroom(store)
    html = client(store).get("/").text
    streams, feeds = section(html, "streams"), section(html, "feeds")
    assert re.search(rf"{NAME} 144 25 % 25 %", streams)
    assert streams.index(NAME) < streams.index("all news") < streams.index("Corvane Motors")
    assert "Halvorsen Marine halts production" in section(html, "headlines")
    assert "northwire +2 outlets" in section(html, "headlines")
    assert feeds.index("downwire timeout after 20 s") < feeds.index("failingwire")
    assert feeds.index("failingwire") < feeds.index("newwire") < feeds.index("okwire")


def test_a_failing_job_and_a_dead_delivery_are_said_on_the_wall(store: Store) -> None:
    newsroom(store)
    with store.write() as tx:
        runs.succeeded(tx, "poll", NOW - HOUR)
        runs.succeeded(tx, "label", NOW - HOUR)
        runs.failed(tx, "label", "checkpoint is gone", NOW)
    shown = section(client(store).get("/").text, "figures")
    assert "The label job fails since 14:30 UTC, last success 13:30: checkpoint is gone" in shown
    assert "The poll job" not in shown
    assert "Not delivered to pager after 3 attempts: 404 from hooks.example" in shown


def test_an_alert_page_shows_all_of_its_evidence(store: Store) -> None:
    newsroom(store)
    with store.write() as tx:
        add_story(tx, "Ferry order lost", NOW - HOUR, targets=[(NAME, "negative")])
    html = client(store).get("/alerts/alert1").text
    words = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "ln M 10.1; an alert needs 8.3" in words
    assert "Halvorsen halts" in words
    assert "3 copies" in words  # those that came after the alert are there too
    assert "tradewinds" in words
    assert "Other stories counted since onset 1" in words
    assert "Ferry order lost" in words
    assert "4 Mar 14:00 6 5 83 % 25 % +0.50 1.5" in words
    assert "pager firing dead 3" in words
    assert "0a1b2c3d4e5f" in words


def test_an_alert_page_says_where_a_label_was_chosen_that_was_not_counted(store: Store) -> None:
    newsroom(store)
    with store.write() as tx:
        add_story(tx, "Ferry order awaited", NOW - HOUR, targets=[(NAME, "neutral")])
    said = "counted as not negative, which is likelier than the label chosen"
    assert said not in client(store).get("/alerts/alert1").text
    with store.write() as tx:
        tx.execute(label.update().values(sentiment="negative"))
    assert client(store).get("/alerts/alert1").text.count(said) == 1


def test_a_child_names_its_parent_and_history_lists_parents_only(store: Store) -> None:
    newsroom(store)
    site = client(store)
    child, history = site.get("/alerts/alert2").text, site.get("/alerts").text
    assert re.search(r'inside <a href="/alerts/alert1">Halvorsen Marine</a>', child)
    assert history.count('<article class="entry') == 1


def test_an_unknown_alert_is_a_page_of_its_own(store: Store) -> None:
    answer = client(store).get("/alerts/<b>gone")
    assert answer.status_code == 404
    assert "<b>gone" not in answer.text
    assert "No such alert" in answer.text


EVIL = "<script>alert('x')</script> & \"shares\" \u202efall"


def test_strangers_text_stays_text_everywhere(store: Store) -> None:
    with store.write() as tx:
        add_feed(tx, EVIL, "down", EVIL)
        story = add_story(tx, EVIL, NOW - HOUR, origins=[EVIL], targets=[(NAME, "negative")])
        copy = Copy(EVIL, "javascript:alert(1)", NOW - HOUR)
        told = an_alert("a", Stream(target=NAME), [a_story(story, EVIL, copy)])
        alerts.open_new(tx, told, [])
    site = client(store)
    for path in ("/", "/alerts", "/alerts/a"):
        html = site.get(path).text
        assert "<script>alert" not in html, path
        assert "\u202e" not in html, path
    assert "&lt;script&gt;alert" in site.get("/").text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        'https://x.example/" onmouseover="alert(1)',
        "//x.example/a",
        "",
    ],
)
def test_only_web_addresses_are_linked(store: Store, url: str) -> None:
    with store.write() as tx:
        add_story(tx, "Odd address", NOW - HOUR, url=url)
    html = client(store).get("/").text
    assert '<p class="title">Odd address</p>' in html
    assert "alert(1)" not in html


def test_a_web_address_is_linked_without_telling_where_the_reader_came_from(store: Store) -> None:
    with store.write() as tx:
        add_story(tx, "Plain", NOW - HOUR, url="https://x.example/a?b=1&c=2")
    assert (
        '<a href="https://x.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow" '
        'target="_blank">Plain</a>'
    ) in client(store).get("/").text


@pytest.mark.parametrize(
    "path", ["/", "/alerts/none", "/static/page.css", "/api/v1/feeds", "/nowhere"]
)
def test_every_answer_forbids_what_the_page_does_not_need(store: Store, path: str) -> None:
    headers = client(store).get(path).headers
    assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_pages_hold_no_inline_script_or_style_and_load_nothing_from_elsewhere(
    store: Store,
) -> None:
    newsroom(store)
    site = client(store)
    for path in ("/", "/alerts", "/alerts/alert1"):
        html = site.get(path).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html), path
        loaded = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert all(site.get(each).status_code == 200 for each in loaded if "/static/" in each)
        assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?!/static/)', html), path


def test_the_pages_only_read(store: Store) -> None:
    newsroom(store)
    site = client(store)
    for path in ("/", "/alerts", "/alerts/alert1", "/api/v1/alerts"):
        assert site.post(path).status_code == 405


def test_a_store_that_is_away_is_one_line_not_a_trace(store: Store) -> None:
    site = client(store)
    with store.write() as tx:
        tx.exec_driver_sql("drop table job")
    for path in ("/", "/api/v1/overview"):
        answer = site.get(path)
        assert answer.status_code == 503
        assert answer.text == "the store does not answer: no such table: job\n"


@pytest.mark.parametrize("path", ["/alerts/a%00b", "/api/v1/alerts/%00", "/?topic=a%00b", "/v/%00"])
def test_a_nul_in_an_address_is_the_askers_fault_and_not_the_stores(
    store: Store, path: str
) -> None:
    assert client(store).get(path).status_code == 400
