"""Alerts' headlines first, disagreements while a trial is open, some asked again, and gold."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from review_rows import CHAMPION, HOUR, NOW, add_stories, settings

from alerts.types import Alert, Budget, Copy, Evidence, Story, Stream
from monitor.config import Settings
from monitor.review import gold, parts
from monitor.review.answering import answer
from monitor.review.desk import desk_of
from monitor.review.serving import Item, next_item
from monitor.store import alert_verdicts, alerts, reviews, shadows, standings, trials, verdicts
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Store
from monitor.store.reviews import GoldItem, ReviewItem
from monitor.store.shadows import Shadow
from monitor.store.standings import KeptStanding
from monitor.store.tables import bin_
from monitor.store.trials import Opening
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import Verdict

CHALLENGER = "ck-challenger"


def serve(store: Store, analyst: str, times: int, given: Settings) -> list[tuple[Item, ReviewItem]]:
    """Items as they are shown, each with what was kept of it."""
    rng = random.Random(f"3 {analyst}")
    found = []
    with store.write() as tx:
        for _ in range(times):
            item = next_item(tx, given, analyst, NOW, rng)
            if item is not None and (kept := reviews.get(tx, item.id)):
                found.append((item, kept))
    return found


def an_alert(ids: list[int], target: str = "") -> Alert:
    stream = Stream(target=target)
    copies = (Copy("wire", "https://wire.example", NOW),)
    stories = tuple(Story(i, f"s{i}", NOW, True, 0.9, 1.0 + i, copies) for i in ids)
    return Alert(
        "a1", stream, "negative_share", "warning", "firing", NOW, NOW,
        Evidence(stream, NOW, HOUR, 9, 8, 0.2, 9.1, 2.0), 9, 8, 0.2, stories, CHAMPION,
        Budget(1.0, 29, 4872.0, 168.0),
    )  # fmt: skip


def open_trial(store: Store, differing: int) -> None:
    """The first `differing` stories get another sentiment from the challenger."""
    with store.write() as tx:
        trials.begin(tx, Opening("promotion", CHALLENGER, CHAMPION, 1, 1, 1, NOW, {}))
        rows = []
        for i in range(1, 61):
            other = SENTIMENTS[(i + (i <= differing)) % 3]
            rows.append(Shadow(CHALLENGER, i, "", TOPICS[i % 20], other, other == "negative"))
        shadows.add(tx, rows)


def test_headlines_of_an_alert_called_wrong_come_first_the_most_to_blame_before_others(
    store: Store,
) -> None:
    said = AlertVerdict("v", "a1", "ben", "reject", "wrong sentiment", "api", NOW)
    with store.write() as tx:
        add_stories(tx, 30, targets=("Halvorsen",))
        alerts.open_new(tx, an_alert([3, 5, 9, 11], "Halvorsen"), ())
        alert_verdicts.add(tx, said)
    found = serve(store, "anna", 4, settings())
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
    ((item, kept),) = serve(store, "anna", 1, settings())
    assert (kept.why, item.head) == ("alert", "topic")
    with store.write() as tx:
        answer(tx, item.id, "anna", "reject", TOPICS[0], "wrong topic", NOW)
    assert "alert" not in {kept.why for _, kept in serve(store, "cleo", 5, settings())}


def test_stories_in_alerts_are_asked_about_sooner(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 200)
        alerts.open_new(tx, an_alert(list(range(1, 11))), ())
    found = serve(sqlite_store, "anna", 20, settings(gold=0))
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
    found = serve(sqlite_store, "anna", 25, settings(gold=0, audit=0))
    assert Counter(item.target for item, _ in found[:3])["Halvorsen"] >= 2
    # Then the name gives way to others for a while: near ones are spread out.
    assert Counter(item.target for item, _ in found)[""] >= 3


def test_disagreements_show_both_labels_in_either_order_and_which_is_whose_to_nobody(
    store: Store,
) -> None:
    with store.write() as tx:
        add_stories(tx, 60)
    open_trial(store, differing=40)
    found = serve(store, "anna", 50, settings(gold=0))
    pairs = [(item, kept) for item, kept in found if kept.why == "disagreement"]
    assert len(pairs) >= 12
    firsts: Counter[bool] = Counter()
    for item, kept in pairs:
        number = int(item.text.split()[0].removeprefix("headline"))
        champion, challenger = SENTIMENTS[number % 3], SENTIMENTS[(number + 1) % 3]
        assert number <= 40
        assert set(item.options) == {champion, challenger}
        assert (item.shown, item.head, kept.trial, kept.propensities) == ("", "sentiment", 1, {})
        firsts[item.options[0] == champion] += 1
    assert min(firsts[True], firsts[False]) >= 2


def judge_pairs(store: Store, analyst: str, times: int) -> int:
    """Answers what is put; returns how many pairs were among it."""
    pairs = 0
    for item, kept in serve(store, analyst, times, settings(gold=0)):
        with store.write() as tx:
            named = item.labels[0] if not item.options else item.options[0]
            said = ("reject", named) if not item.shown else ("confirm", "")
            answer(tx, item.id, analyst, *said, "", NOW)
        pairs += kept.why == "disagreement"
    return pairs


def test_nobody_judges_a_trial_far_ahead_of_all_others(store: Store) -> None:
    with store.write() as tx:
        add_stories(tx, 60)
    open_trial(store, differing=60)
    early = sum(judge_pairs(store, "anna", 1) for _ in range(30))
    assert early == 6
    others = sum(judge_pairs(store, "ben", 1) for _ in range(8))
    assert others >= 2
    assert sum(judge_pairs(store, "anna", 1) for _ in range(10)) >= 1


def test_nothing_that_the_challenger_has_learned_from_is_put_as_a_disagreement(
    store: Store,
) -> None:
    with store.write() as tx:
        add_stories(tx, 60)
        said = Verdict(
            "v1", "headline2 about matter2 of place2", "", "sentiment", "neutral", 1.0, 1.0,
            "zoe", "confirm", "", "", NOW,
        )  # fmt: skip
        verdicts.add(tx, [said], NOW)
        later = replace(said, id="v2", text="headline1 about matter1 of place1")
        verdicts.add(tx, [later], NOW)  # after what it was trained through
    open_trial(store, differing=2)
    found = serve(store, "anna", 40, settings(gold=0))
    pairs = [item.text.split()[0] for item, kept in found if kept.why == "disagreement"]
    assert pairs == ["headline1"]


def test_gold_comes_as_a_pair_too_while_a_trial_is_open(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 60)
    open_trial(sqlite_store, differing=2)
    found = serve(sqlite_store, "anna", 30, settings(gold=1, audit=0))
    pairs = [(item, kept) for item, kept in found if kept.truth and item.options]
    assert len(pairs) >= 5
    assert all(kept.truth in item.options and not kept.shown for item, kept in pairs)


def test_some_of_what_one_has_answered_is_asked_of_a_second_and_a_third(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 20)
    given = settings(gold=0, audit=0)
    voices: Counter[tuple[int | None, str]] = Counter()
    for analyst in ("anna", "ben", "cleo", "dora", "emil"):
        for item, kept in serve(sqlite_store, analyst, 40, given):
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


def test_nothing_tells_gold_from_what_is_asked_in_earnest(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 60)
    found = serve(sqlite_store, "anna", 60, settings(gold=0.5))
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
    found = serve(store, "anna", 12, settings(gold=0.5))
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
    assert serve(store, "anna", 3, settings(gold=1, audit=0)) == []


def test_standings_are_read_at_each_serving(store: Store) -> None:
    with store.write() as tx:
        add_stories(tx, 9)
    assert not serve(store, "eve", 1, settings(gold=0))[0][1].truth
    with store.write() as tx:
        standings.keep(tx, [KeptStanding("eve", "adversary", -0.9, 90, {}, NOW)])
    assert all(kept.truth for _, kept in serve(store, "eve", 5, settings()))
