"""The queue in the store: one serving at a time, and what was put and answered."""

from __future__ import annotations

import random
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.config import Settings
from monitor.review.serving import next_item
from monitor.store import reviews
from monitor.store.engine import Store, open_store
from monitor.store.reviews import GoldItem, ReviewItem
from monitor.store.tables import NEVER, article, feed, label, story

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ITEM = ReviewItem(
    id="i1", analyst="anna", article_id=4, story_id=3, text="Mill burns", target="",
    head="sentiment", why="audit", selection=0.25, shown="neutral",
    propensities={"negative": 0.5, "neutral": 0.5}, options=(), trial=None, truth="", alert_id="",
    checkpoint="ck", origin="wire", url="", seen_at=NOON, served_at=NOON,
)  # fmt: skip


def add(store: Store, *items: ReviewItem) -> None:
    with store.write() as tx:
        for item in items:
            assert reviews.add(tx, item)


def test_an_item_is_kept_as_it_was_put_and_only_once(store: Store) -> None:
    add(store, ITEM)
    with store.write() as tx:
        assert not reviews.add(tx, replace(ITEM, shown="negative"))
        kept = reviews.get(tx, "i1")
    assert kept == replace(ITEM, options=[])


@pytest.mark.parametrize(
    "wrong",
    [
        {"propensities": {"negative": 0.5, "neutral": 0.4}},
        {"propensities": {"negative": 1.0}},
        {"propensities": {}},
        {"selection": 0.0},
        {"selection": 1.5},
    ],
)
def test_probabilities_that_are_none_are_refused_at_the_door(
    sqlite_store: Store, wrong: dict[str, object]
) -> None:
    with sqlite_store.write() as tx, pytest.raises(ValueError, match="review item i1"):
        reviews.add(tx, replace(ITEM, **wrong))  # type: ignore[arg-type]


def test_an_item_is_answered_once(store: Store) -> None:
    add(store, ITEM)
    with store.write() as tx:
        assert reviews.note_answer(tx, "i1", "confirm", NOON)
        assert not reviews.note_answer(tx, "i1", "reject", NOON + HOUR)
        kept = reviews.get(tx, "i1")
    assert kept is not None
    assert (kept.answer, kept.answered_at) == ("confirm", NOON)


def test_what_was_put_is_found_by_id_and_by_story(store: Store) -> None:
    add(
        store,
        ITEM,
        replace(ITEM, id="i2", analyst="ben", text="Mill on fire"),
        replace(ITEM, id="i3", story_id=9),
        replace(ITEM, id="i4", story_id=None),
    )
    with store.read() as tx:
        found = {put.id for put in reviews.about(tx, ["i4", "none"], [3])}
        many = reviews.about(tx, [str(i) for i in range(1200)], list(range(10, 1300)))
    assert found == {"i1", "i2", "i4"}
    assert many == []


def test_the_last_items_of_an_analyst_come_newest_first(store: Store) -> None:
    later = replace(ITEM, id="i2", text="Port closes", target="Orsk", served_at=NOON + HOUR)
    add(store, ITEM, later, replace(ITEM, id="i3", analyst="ben"))
    with store.read() as tx:
        assert reviews.lately(tx, "anna", 5) == [("Port closes", "Orsk"), ("Mill burns", "")]
        assert reviews.lately(tx, "anna", 1) == [("Port closes", "Orsk")]


def test_answers_to_articles_are_found_and_skips_gold_and_pending_ones_are_not(
    store: Store,
) -> None:
    said = replace(ITEM, answered_at=NOON, answer="reject")
    add(
        store,
        said,
        replace(said, id="i2", answer="abstain"),
        replace(said, id="i3", truth="neutral"),
        replace(said, id="i4", article_id=None),
        replace(ITEM, id="i5"),
        replace(said, id="i6", answered_at=NOON - 9 * HOUR),
    )
    with store.read() as tx:
        assert [put.id for put in reviews.answered_lately(tx, NOON - HOUR, 9)] == ["i1"]


def test_gold_that_is_there_stays_as_it_is(store: Store) -> None:
    made = GoldItem("g", 4, 3, "Mill burns", "", "topic", "Macro", "wire", "", ["a", "b"], NOON)
    with store.write() as tx:
        reviews.add_gold(tx, made)
        reviews.add_gold(tx, replace(made, truth="Earnings"))
        assert reviews.gold(tx, 5) == [made]


def test_two_daemons_never_put_the_same_item_to_an_analyst_twice(
    postgresql_database: str,
) -> None:
    with closing(open_store(postgresql_database)) as one:
        with one.write() as tx:
            fill(tx, 24)
        served: list[str] = []
        daemons = [
            threading.Thread(target=serve_all, args=(postgresql_database, seed, served))
            for seed in range(4)
        ]
        for each in daemons:
            each.start()
        for each in daemons:
            each.join()
        with one.read() as tx:
            assert len(reviews.lately(tx, "anna", 99)) == 24
    assert len(served) == len(set(served)) == 24


def serve_all(url: str, seed: int, served: list[str]) -> None:
    """All that there is for one analyst, as a daemon of its own."""
    settings, rng = Settings.model_validate({"review": {"gold": 0}}), random.Random(seed)
    with closing(open_store(url)) as store:
        while True:
            with store.write() as tx:
                item = next_item(tx, settings, "anna", NOON, rng)
            if item is None:
                return
            served.append(item.id)


def fill(tx: object, count: int) -> None:
    run = tx.execute  # type: ignore[attr-defined]
    run(
        feed.insert().values(
            id=1,
            url="u",
            fetch_url="u",
            name="w",
            origin="w",
            interval_s=300,
            source="config",
            due_at=NOON,
            claimed_until=NEVER,
        )
    )
    numbers = range(1, count + 1)
    run(story.insert(), [{"id": i, "title": f"t{i}", "first_seen_at": NOON} for i in numbers])
    run(
        article.insert(),
        [
            {"id": i, "feed_id": 1, "guid_hash": str(i), "guid": "", "url": "", "title": f"t{i}",
             "summary": "", "published_raw": "", "first_seen_at": NOON, "language": "",
             "story_id": i, "origin": "w", "labelled_at": NOON, "claimed_until": NEVER}
            for i in numbers
        ],
    )  # fmt: skip
    run(
        label.insert(),
        [
            {"article_id": i, "target": "", "story_id": i, "topic": "Macro",
             "sentiment": "neutral", "topic_probabilities": [0.05] * 20,
             "sentiment_probabilities": [0.3, 0.4, 0.3], "negative": False, "checkpoint": "c",
             "tier": "cpu", "labelled_at": NOON, "first_seen_at": NOON, "lead": True}
            for i in numbers
        ],
    )  # fmt: skip
