"""What analysts say of alerts is kept: nothing is overwritten, the newest of each holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.types import Alert, Budget, Copy, Evidence, Story, Stream
from monitor.store import alert_verdicts, alerts, articles, feeds, labels
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.types import Item, Label
from policy.types import TOPICS

HOUR = timedelta(hours=1)
NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
TITLES = ("Mill burns", "Port closes", "Bank merges", "Ferry sinks", "Rain expected")
WEIGHTS = (1.0, 2.5, -0.4, 0.5, 0.2)
CERTAIN = tuple([1.0] + [0.0] * 19)


def say(store: Store, analyst: str, answer: str, reason: str = "", hours: float = 0) -> None:
    at = NOON + hours * HOUR
    name = f"{analyst} {answer} {reason} {at}"
    with store.write() as tx:
        alert_verdicts.add(tx, AlertVerdict(name, "a1", analyst, answer, reason, "api", at))  # type: ignore[arg-type]


def an_alert(stories: tuple[Story, ...] = (), alert_id: str = "a1") -> Alert:
    stream = Stream(target="Halvorsen")
    evidence = Evidence(stream, NOON, HOUR, 9, 8, 0.2, 9.1, 2.0)
    return Alert(
        alert_id, stream, "negative_share", "warning", "firing", NOON, NOON, evidence, 9, 8, 0.2,
        stories, "ck", Budget(1.0, 29, 4872.0, 168.0),
    )  # fmt: skip


def told(store: Store) -> tuple[Story, ...]:
    """Five labelled stories in the store, towards a name and as a whole."""
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://t.example/feed", "T", "T", 300), "config", NOON)
        feed_id = feeds.active(tx)[0].id
        items = [Item(title, "", title, "", "", None, "") for title in TITLES]
        articles.add_items(tx, feed_id, "T", items, NOON)
        work = labels.claim(tx, NOON, HOUR, 100)
        new = [
            Label(
                w.article_id, t, TOPICS[0], "negative", CERTAIN, (1.0, 0.0, 0.0), "c", "cpu", NOON
            )
            for w in work
            for t in ("", "Halvorsen")
        ]
        labels.add(tx, work, new, NOON)
    ids = {one.title: one.story_id for one in work}
    copies = (Copy("T", "https://t.example", NOON),)
    return tuple(
        Story(ids[title], title, NOON, True, 0.9, weight, copies)
        for title, weight in zip(TITLES, WEIGHTS, strict=True)
    )


def test_nobody_has_said_anything_of_a_pending_alert(store: Store) -> None:
    with store.read() as tx:
        assert alert_verdicts.of(tx, "a1") == []


def test_the_newest_of_an_analyst_holds_and_the_others_stand_beside_it(store: Store) -> None:
    say(store, "anna", "reject", "immaterial")
    say(store, "ben", "confirm", "real", hours=1)
    say(store, "anna", "confirm", hours=2)
    with store.read() as tx:
        held = [(v.analyst, v.answer) for v in alert_verdicts.of(tx, "a1")]
        lately = [v.analyst for v in alert_verdicts.since(tx, NOON + 2 * HOUR)]
    assert held == [("ben", "confirm"), ("anna", "confirm")]
    assert lately == ["anna"]


def test_what_holds_of_several_alerts_is_told_by_alert(store: Store) -> None:
    say(store, "anna", "reject", "immaterial")
    say(store, "anna", "confirm", hours=1)
    with store.write() as tx:
        for name, about in (("v2", "a2"), ("v3", "a3")):
            one = AlertVerdict(name, about, "ben", "reject", "known", "page", NOON)
            alert_verdicts.add(tx, one)
    with store.read() as tx:
        told = alert_verdicts.of_each(tx, ["a1", "a2", "a4"])
        assert told == {about: alert_verdicts.of(tx, about) for about in ("a1", "a2", "a4")}
        assert alert_verdicts.of_each(tx, []) == {}
    assert [[one.answer for one in said] for said in told.values()] == [["confirm"], ["reject"], []]


def test_a_verdict_sent_twice_is_kept_once_as_it_was_first(store: Store) -> None:
    first = AlertVerdict("v1", "a1", "anna", "confirm", "real", "mail", NOON)
    with store.write() as tx:
        assert alert_verdicts.add(tx, first)
        assert not alert_verdicts.add(tx, replace(first, answer="reject", reason="known"))
        assert alert_verdicts.get(tx, "v1") == first


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("confirm", "duplicate"), ("reject", "real"), ("reject", "boring"), ("maybe", "")],
)
def test_an_answer_whose_reason_does_not_fit_is_refused(answer: str, reason: str) -> None:
    with pytest.raises(ValueError, match="give"):
        AlertVerdict("v1", "a1", "anna", answer, reason, "api", NOON)  # type: ignore[arg-type]


def test_a_wrong_sentiment_asks_for_the_three_headlines_most_to_blame(store: Store) -> None:
    stories = told(store)
    with store.write() as tx:
        alerts.open_new(tx, an_alert(stories), ())
    say(store, "anna", "reject", "wrong sentiment")
    say(store, "ben", "reject", "wrong sentiment")
    with store.read() as tx:
        asked = alert_verdicts.asked(tx, NOON)
    titles = {story.id: story.title for story in stories}
    assert [titles[one.story_id] for one in asked] == ["Port closes", "Mill burns", "Ferry sinks"]
    assert {(one.target, one.head) for one in asked} == {("Halvorsen", "sentiment")}
    assert asked[0].blame == pytest.approx(2.5 / 4.2)


def test_only_a_standing_doubt_of_the_labels_asks_for_headlines(store: Store) -> None:
    stories = told(store)
    with store.write() as tx:
        alerts.open_new(tx, an_alert(stories), ())
    say(store, "anna", "reject", "wrong topic")
    say(store, "anna", "reject", "immaterial", hours=1)
    say(store, "ben", "reject", "duplicate", hours=1)
    with store.read() as tx:
        assert alert_verdicts.asked(tx, NOON) == []
