"""The log of verdicts: append-only, numbered, and outliving what it speaks of."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from monitor.store import articles, feeds, labels, retention, reviews, trials, verdicts
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.store.tables import article, label
from monitor.types import Item, Label
from policy.verdicts import Verdict

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID = Verdict(
    "v1", "Mill burns", "", "sentiment", "neutral", 0.98, 0.25, "anna", "reject", "negative",
    "wrong sentiment", NOON, "audit", "ck", "",
)  # fmt: skip


def test_what_is_logged_comes_back_whole_and_in_order(store: Store) -> None:
    other = replace(SAID, id="v2", shown="", propensity=1.0, why="gold", truth="negative")
    with store.write() as tx:
        assert verdicts.add(tx, [SAID, other], NOON) == 2
    with store.read() as tx:
        first, second = verdicts.logged(tx)
        assert list(verdicts.stream(tx)) == [SAID, other]
        assert verdicts.logged(tx, after=first.number) == [second]
        assert verdicts.logged(tx, through=first.number) == [first]
    assert (first.verdict, second.verdict) == (SAID, other)
    assert first.number < second.number


def test_a_verdict_that_is_there_already_is_kept_as_it_is(store: Store) -> None:
    with store.write() as tx:
        verdicts.add(tx, [SAID], NOON)
        changed, new = replace(SAID, answer="confirm"), replace(SAID, id="v2")
        assert verdicts.add(tx, [changed, new], NOON + HOUR) == 1
        assert verdicts.get(tx, "v1") == SAID
        assert verdicts.get(tx, "v3") is None


def test_verdicts_are_counted_where_a_repeated_import_has_used_numbers_up(store: Store) -> None:
    some = [replace(SAID, id=f"v{i}") for i in range(5)]
    with store.write() as tx:
        verdicts.add(tx, some, NOON)
        verdicts.add(tx, some, NOON)
        verdicts.add(tx, [replace(SAID, id="last")], NOON)
    with store.read() as tx:
        last = verdicts.logged(tx)[-1]
        assert verdicts.count(tx, last.number) == 6
        assert verdicts.count(tx, last.number - 1) == 5


def test_numbers_follow_the_order_of_many(store: Store) -> None:
    many = [replace(SAID, id=f"v{i:05}", at=NOON - i * HOUR) for i in range(3000)]
    with store.write() as tx:
        assert verdicts.add(tx, many, NOON) == 3000
    with store.read() as tx:
        assert [one.id for one in verdicts.stream(tx)] == [one.id for one in many]


def test_a_text_of_any_length_is_logged_and_found_again(store: Store) -> None:
    long = " ".join(hashlib.sha256(bytes([i])).hexdigest() for i in range(200))
    with store.write() as tx:
        verdicts.add(tx, [replace(SAID, text=long), replace(SAID, id="v2")], NOON)
        found = trials.learned_from(tx, [long, "another"], through=99)
    assert found == {long}


def test_what_was_said_of_one_label_is_found_by_its_article(store: Store) -> None:
    with store.write() as tx:
        verdicts.add(tx, [SAID], NOON, "i1", 4)
        verdicts.add(tx, [replace(SAID, id="v2", target="Orsk")], NOON, "i2", 4)
        verdicts.add(tx, [replace(SAID, id="v3", head="topic", shown="Macro")], NOON, "i3", 4)
        verdicts.add(tx, [replace(SAID, id="v4")], NOON)
        assert verdicts.of_article(tx, 4, "", "sentiment") == [SAID]


def test_verdicts_and_items_outlive_the_articles_they_speak_of(store: Store) -> None:
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://t.example/feed", "T", "T", 300), "config", NOON)
        item = Item("Mill burns", "", "Mill burns", "", "", None, "")
        articles.add_items(tx, feeds.active(tx)[0].id, "T", [item], NOON)
        work = labels.claim(tx, NOON, HOUR, 9)
        id_ = work[0].article_id
        said = Label(id_, "", "Macro", "neutral", (0.05,) * 20, (0.3, 0.4, 0.3), "ck", "cpu", NOON)
        labels.add(tx, work, [said], NOON)
        put = reviews.ReviewItem(
            "i1", "anna", id_, work[0].story_id, "Mill burns", "", "sentiment", "audit", 0.25,
            "neutral", {"neutral": 1.0}, (), None, "", "", "ck", "T", "", NOON, NOON,
        )  # fmt: skip
        reviews.add(tx, put)
        verdicts.add(tx, [SAID], NOON, "i1", id_)
    with store.write() as tx:
        assert retention.remove_before(tx, NOON + HOUR, 100) == 1
        assert tx.execute(sa.select(sa.func.count()).select_from(article)).scalar() == 0
        assert tx.execute(sa.select(sa.func.count()).select_from(label)).scalar() == 0
        assert list(verdicts.stream(tx)) == [SAID]
        assert reviews.get(tx, "i1") == replace(put, options=[])
