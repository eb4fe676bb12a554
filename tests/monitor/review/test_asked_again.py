"""Some of what one has answered is asked of a second and a third."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from review_rows import NOW, add_stories, serve_kept, settings

from monitor.review import parts
from monitor.review.answering import answer
from monitor.review.desk import desk_of
from monitor.store import reviews
from monitor.store.engine import Store
from monitor.store.reviews import ReviewItem


def test_some_of_what_one_has_answered_is_asked_of_a_second_and_a_third(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 20)
    given = settings(gold=0, audit=0)
    voices: Counter[tuple[int | None, str]] = Counter()
    for analyst in ("anna", "ben", "cleo", "dora", "emil"):
        for item, kept in serve_kept(sqlite_store, analyst, 40, given):
            with sqlite_store.write() as tx:
                said = ("confirm", "") if item.shown else ("reject", item.labels[0])
                answer(tx, item.id, analyst, *said, "", NOW)
            voices[kept.story_id, kept.head] += 1
    assert max(voices.values()) == 3
    assert len(voices) > 20


def test_what_two_have_answered_is_put_to_a_third_before_what_one_has(store: Store) -> None:
    with store.write() as tx:
        add_stories(tx, 9)
        for story in range(1, 10):
            reviews.add(tx, answered(story, "anna"))
        for story in (4, 7):
            reviews.add(tx, answered(story, "ben"))
        reviews.add(tx, answered(7, "cleo"))
        desk = desk_of(tx, settings(gold=0).review, "cleo", NOW, random.Random(1))
        third = parts.again(desk, 1.0, 3)
        second = parts.again(replace(desk, analyst="ben"), 1.0, 3)
    assert [(one.story_id, one.head) for one in third.chances] == [(4, "topic")]
    assert third.reach == dict.fromkeys(third.chances, 1.0)
    assert {one.story_id for one in second.chances} == {1, 2, 3, 5, 6, 8, 9}


def answered(story: int, analyst: str) -> ReviewItem:
    return ReviewItem(
        id=f"{analyst} {story}", analyst=analyst, article_id=story, story_id=story, text="t",
        target="", head="topic", why="audit", selection=0.1, shown="", propensities={}, options=(),
        trial=None, truth="", alert_id="", checkpoint="", origin="", url="", seen_at=NOW,
        served_at=NOW, answered_at=NOW, answer="reject",
    )  # fmt: skip
