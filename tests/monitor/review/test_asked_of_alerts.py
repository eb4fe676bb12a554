"""Headlines of alerts, and of streams near an alarm, are asked about first."""

from __future__ import annotations

from collections import Counter

from review_rows import CHAMPION, HOUR, NOW, add_stories, serve_kept, settings

from alerts.types import Alert, Budget, Copy, Evidence, Story, Stream
from monitor.review.answering import answer
from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Store
from monitor.store.tables import bin_
from policy.types import TOPICS


def an_alert(ids: list[int], target: str = "") -> Alert:
    stream = Stream(target=target)
    copies = (Copy("wire", "https://wire.example", NOW),)
    stories = tuple(Story(i, f"s{i}", NOW, True, 0.9, 1.0 + i, copies) for i in ids)
    return Alert(
        "a1", stream, "negative_share", "warning", "firing", NOW, NOW,
        Evidence(stream, NOW, HOUR, 9, 8, 0.2, 9.1, 2.0), 9, 8, 0.2, stories, CHAMPION,
        Budget(1.0, 29, 4872.0, 168.0),
    )  # fmt: skip


def test_headlines_of_an_alert_called_wrong_come_first_the_most_to_blame_before_others(
    store: Store,
) -> None:
    said = AlertVerdict("v", "a1", "ben", "reject", "wrong sentiment", "api", NOW)
    with store.write() as tx:
        add_stories(tx, 30, targets=("Halvorsen",))
        alerts.open_new(tx, an_alert([3, 5, 9, 11], "Halvorsen"), ())
        alert_verdicts.add(tx, said)
    found = serve_kept(store, "anna", 4, settings())
    asked = [(item.text.split()[0], item.target, item.head, item.alert_id) for item, _ in found]
    assert asked[:3] == [(f"headline{i}", "Halvorsen", "sentiment", "a1") for i in (11, 9, 5)]
    assert [kept.why for _, kept in found][:3] == ["alert"] * 3
    assert all(kept.selection == 1 and kept.shown for _, kept in found[:3])
    assert asked[3][3] == ""


def test_once_answered_an_alerts_headline_is_not_asked_of_others(store: Store) -> None:
    with store.write() as tx:
        add_stories(tx, 12)
        alerts.open_new(tx, an_alert([3]), ())
        said = AlertVerdict("v", "a1", "ben", "reject", "wrong topic", "api", NOW)
        alert_verdicts.add(tx, said)
    ((item, kept),) = serve_kept(store, "anna", 1, settings())
    assert (kept.why, item.head) == ("alert", "topic")
    with store.write() as tx:
        answer(tx, item.id, "anna", "reject", TOPICS[0], "wrong topic", NOW)
    assert "alert" not in {kept.why for _, kept in serve_kept(store, "cleo", 5, settings())}


def test_stories_in_alerts_are_asked_about_sooner(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 200)
        alerts.open_new(tx, an_alert(list(range(1, 11))), ())
    found = serve_kept(sqlite_store, "anna", 20, settings(gold=0))
    assert sum((kept.story_id or 99) <= 10 for _, kept in found) >= 7  # of 200; by chance 1


def test_stories_of_a_stream_near_an_alarm_are_asked_about_sooner(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 100, targets=("Halvorsen",))
        tx.execute(
            bin_.insert().values(
                topic="",
                target="Halvorsen",
                start=NOW - HOUR,
                width_s=3600,
                stories=9,
                negatives=8,
                baseline=0.2,
                log_evidence=8.5,
                gain=2.0,
            )
        )
    found = serve_kept(sqlite_store, "anna", 25, settings(gold=0, audit=0))
    assert Counter(item.target for item, _ in found[:3])["Halvorsen"] >= 2
    # Then the name gives way to others for a while: near ones are spread out.
    assert Counter(item.target for item, _ in found)[""] >= 3
