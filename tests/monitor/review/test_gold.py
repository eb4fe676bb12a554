"""Questions whose answer is known, which nothing tells from the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from review_rows import HOUR, NOW, add_stories, serve_kept, settings

from monitor.review import gold
from monitor.store import reviews, standings
from monitor.store.engine import Store
from monitor.store.reviews import GoldItem
from monitor.store.standings import KeptStanding
from policy.types import SENTIMENTS


def test_nothing_tells_gold_from_what_is_asked_in_earnest(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 60)
    found = serve_kept(sqlite_store, "anna", 60, settings(gold=0.5))
    golden = [item for item, kept in found if kept.truth]
    earnest = [item for item, kept in found if not kept.truth]
    assert len(golden) > 10 < len(earnest)
    for part in (golden, earnest):
        assert {(item.origin, item.url, item.alert_id, item.options) for item in part} == {
            ("wire", "", "", ())
        }
        assert all(item.seen_at == NOW - HOUR and len(item.id) == 32 for item in part)


def test_once_enough_gold_was_confirmed_nothing_made_up_is_asked_and_addresses_are_shown(
    store: Store,
) -> None:
    with store.write() as tx:
        add_stories(tx, 90)
        for i in range(1, gold.ENOUGH + 1):
            text = f"headline{i} about matter{i} of place{i}"
            reviews.add_gold(
                tx,
                GoldItem(f"g{i}", i, i, text, "", "sentiment", "neutral", "wire",
                         f"https://wire.example/{i}", ["ben", "cleo", "dora"], NOW),
            )  # fmt: skip
    found = serve_kept(store, "anna", 12, settings(gold=0.5))
    assert any(kept.truth for _, kept in found)
    assert all(item.url == f"https://wire.example/{kept.article_id}" for item, kept in found)


def test_gold_in_which_an_adversary_had_a_voice_is_none(store: Store) -> None:
    with store.write() as tx:
        item = GoldItem("g", 1, 1, "Mill burns", "", "sentiment", "negative", "wire", "u",
                        ["ben", "cleo", "eve"], NOW)  # fmt: skip
        reviews.add_gold(tx, item)
        texts = [[one.text for one in gold.pool(tx, None, none)] for none in ADVERSARIES]
    assert "Mill burns" in texts[0]
    assert "Mill burns" not in texts[1]


ADVERSARIES = (frozenset[str](), frozenset({"eve"}))


def test_the_operators_file_is_gold_and_one_that_cannot_be_read_is_not(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gold.csv"
    file.write_text("text,target,sentiment\nOrsk Steel sinks,Orsk Steel,negative\n")
    with store.read() as tx:
        mine = [one for one in gold.pool(tx, file, frozenset()) if one.text == "Orsk Steel sinks"]
        assert [(one.target, one.head, one.truth) for one in mine] == [
            ("Orsk Steel", "sentiment", "negative")
        ]
        assert len(gold.pool(tx, tmp_path / "none.csv", frozenset())) > 200
    assert "gold_unreadable" in capsys.readouterr().out


def test_there_is_gold_on_the_first_day_of_either_head_with_every_sentiment(store: Store) -> None:
    with store.read() as tx:
        pool = gold.pool(tx, None, frozenset())
    assert {one.truth for one in pool if one.head == "sentiment"} == set(SENTIMENTS)
    topics = [one.truth for one in pool if one.head == "topic"]
    assert len(set(topics)) >= 4
    assert all(not one.target for one in pool if one.head == "topic")


def test_gold_alone_is_nothing_to_review(store: Store) -> None:
    assert serve_kept(store, "anna", 3, settings(gold=1, audit=0)) == []


def test_standings_are_read_at_each_serving(store: Store) -> None:
    with store.write() as tx:
        add_stories(tx, 9)
    assert not serve_kept(store, "eve", 1, settings(gold=0))[0][1].truth
    with store.write() as tx:
        standings.keep(tx, [KeptStanding("eve", "adversary", -0.9, 90, {}, NOW)])
    assert all(kept.truth for _, kept in serve_kept(store, "eve", 5, settings()))
