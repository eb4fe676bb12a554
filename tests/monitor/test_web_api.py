"""The page's figures as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_rows import (
    HOUR,
    NAME,
    NOW,
    SETTINGS,
    TOPIC,
    a_story,
    add_bins,
    add_feed,
    add_story,
    an_alert,
    client,
    newsroom,
)

from alerts.types import Copy, Stream
from monitor.store import alerts
from monitor.store.engine import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


def test_the_overview_tells_how_the_daemon_is_doing(store: Store) -> None:
    newsroom(store)
    told = client(store, banner="Fictional news").get("/api/v1/overview").json()
    assert told["now"] == "2026-03-04T14:30:00Z"
    assert told["banner"] == "Fictional news"
    assert told["promise"] == "at most 1 false alarm a week over 23 streams"
    assert (told["checkpoint"], told["tier"]) == ("0a1b2c3d4e5f", "cpu")
    assert (told["articles_hour"], told["articles_day"], told["stories_day"]) == (1, 4, 2)
    assert told["feeds"] == {"ok": 1, "new": 1, "failing": 1, "down": 1}
    assert [alert["id"] for alert in told["firing"]] == ["alert1"]
    assert [each["receiver"] for each in told["dead_deliveries"]] == ["pager"]
    assert told["last_alert_at"] == "2026-03-04T12:30:00Z"


def test_streams_hold_every_declared_one_with_the_strongest_evidence_first(store: Store) -> None:
    with store.write() as tx:
        add_bins(tx, Stream(topic="Macro"), [(4, 1)] * 30, log_evidence=2.5)
        add_bins(tx, Stream(topic="Earnings"), [(4, 2)] * 30, log_evidence=0.5)
        add_bins(tx, Stream(topic="IPO"), [(0, 0)] * 30, log_evidence=float("-inf"))
    rows = client(store).get("/api/v1/streams").json()
    assert len(rows) == 23
    assert [row["name"] for row in rows[:2]] == ["Macro", "Earnings"]
    macro = rows[0]
    assert (macro["stories"], macro["negatives"], macro["share"]) == (96, 24, 0.25)
    assert (macro["baseline"], macro["log_evidence"]) == (0.25, 2.5)
    assert macro["threshold"] == pytest.approx(8.26, abs=0.01)  # ln(23 · 168 / 1)
    ipo = next(row for row in rows if row["name"] == "IPO")
    assert (ipo["share"], ipo["log_evidence"]) == (None, 0)


def test_a_series_has_a_value_a_bin_and_the_periods_of_its_alerts(store: Store) -> None:
    newsroom(store)
    asked = {"target": NAME, "days": 2}
    series = client(store).get("/api/v1/streams/series", params=asked).json()
    assert series["start"][-1] == "2026-03-04T14:00:00Z"
    lists = ("start", "stories", "negatives", "share", "baseline", "log_evidence")
    assert {len(series[name]) for name in lists} == {48}
    assert series["window_hours"] == 3
    assert (series["share"][0], series["share"][-1]) == (pytest.approx(1 / 6), pytest.approx(5 / 6))
    assert series["alerts"] == [
        {"id": "alert1", "severity": "critical", "onset": "2026-03-04T09:00:00Z", "until": None}
    ]


def test_a_stream_that_is_not_watched_gives_an_empty_series(store: Store) -> None:
    series = client(store).get("/api/v1/streams/series", params={"topic": "Weather"}).json()
    assert series["start"] == []


@pytest.mark.parametrize("days", ["0", "91", "many"])
def test_a_series_is_held_to_ninety_days(store: Store, days: str) -> None:
    answer = client(store).get("/api/v1/streams/series", params={"days": days})
    assert answer.status_code == 422


def test_an_alert_has_the_fields_of_its_webhook_and_its_deliveries(store: Store) -> None:
    newsroom(store)
    site = client(store)
    told = site.get("/api/v1/alerts/alert1").json()
    assert (told["topic"], told["target"], told["kind"]) == ("", NAME, "negative_share")
    assert (told["stories"], told["negatives"], told["expected"]) == (16, 14, 4.0)
    assert told["headlines"][0]["copies"][0]["origin"] == "northwire"
    assert [child["id"] for child in told["children"]] == ["alert2"]
    assert {each["receiver"]: each["state"] for each in told["deliveries"]} == {
        "desk": "sent",
        "pager": "dead",
    }
    assert site.get("/api/v1/alerts/alert2").json()["parent"] == "alert1"
    assert site.get("/api/v1/alerts/none").status_code == 404


def test_origins_of_an_alert_are_counted_by_owner_as_the_table_stands(store: Store) -> None:
    copies = (Copy(name, f"https://{name}.example", NOW) for name in ("alder", "birch", "cedar"))
    told = an_alert("alert1", Stream(), [a_story(7, "Ferry order lost", *copies)])
    with store.write() as tx:
        alerts.open_new(tx, told, [])
    owned = SETTINGS.model_copy(update={"owners": {"Alder Media": ("alder", "birch")}})
    for settings, count, words in (
        (SETTINGS, 3, "<dd>3</dd>"),
        (owned, 2, "<dd>2 (Alder Media: alder, birch)</dd>"),
    ):
        site = client(store, settings=settings)
        assert site.get("/api/v1/alerts/alert1").json()["origins"] == count
        assert f"<dt>Origins</dt>{words}" in site.get("/alerts/alert1").text


def test_the_history_holds_open_and_past_parents_newest_first(store: Store) -> None:
    with store.write() as tx:
        for name, hours in (("old", 50), ("new", 4)):
            raised = NOW - hours * HOUR
            over = an_alert(name, Stream(topic=TOPIC), resolved_at=NOW - HOUR, raised_at=raised)
            alerts.open_new(tx, over, [])
    site = client(store)
    assert [each["id"] for each in site.get("/api/v1/alerts").json()] == ["new", "old"]
    assert [each["id"] for each in site.get("/api/v1/alerts?limit=1").json()] == ["new"]


def test_headlines_carry_their_label_and_only_links_that_may_be_followed(store: Store) -> None:
    with store.write() as tx:
        add_story(tx, "Good", NOW - 2 * HOUR, "positive", origins=["a", "b"], url="https://x.io/1")
        add_story(tx, "Odd", NOW - HOUR, url="javascript:alert(1)")
    odd, good = client(store).get("/api/v1/headlines").json()
    assert (odd["title"], odd["url"]) == ("Odd", "")
    assert (good["url"], good["sentiment"], good["other_outlets"]) == (
        "https://x.io/1",
        "positive",
        1,
    )


def test_feeds_come_sick_ones_first_and_keep_subscribers_keys_to_themselves(store: Store) -> None:
    with store.write() as tx:
        add_feed(tx, "fine", url="https://user:word@fine.example/rss?key=hush")
        add_feed(tx, "gone", "down", "HTTP 404")
    answer = client(store).get("/api/v1/feeds")
    assert [(feed["name"], feed["url"]) for feed in answer.json()] == [
        ("gone", "https://gone.example/rss"),
        ("fine", "https://fine.example/rss"),
    ]
    assert "hush" not in answer.text
    assert "word@" not in answer.text
