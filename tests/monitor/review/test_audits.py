"""What analysts said of labels tells how often a checkpoint errs in the news that is watched."""

from __future__ import annotations

import random

import numpy as np
import pytest
from audit_rows import WINDOW, add_news, counted, say
from review_rows import CHAMPION, HOUR, NOW, settings

from monitor import audits
from monitor.review.answering import answer
from monitor.review.serving import next_item
from monitor.store import reviews, standings, verdicts
from monitor.store.engine import Store
from monitor.store.standings import KeptStanding
from monitor.store.tables import label
from policy.types import SENTIMENTS, counts_as_negative

NOTHING = np.zeros((3, 3))
NEGATIVE, NEUTRAL, POSITIVE = SENTIMENTS


def test_the_truth_told_is_held_against_what_was_counted_not_against_what_was_shown(
    store: Store,
) -> None:
    with store.write() as tx:
        add_news(tx, 600)
        say(tx, 3, NEGATIVE)  # counted negative, and right
        say(tx, 6, NEUTRAL)  # counted negative
        say(tx, 1, NEUTRAL, shown="")  # blind, counted neutral
        say(tx, 4, POSITIVE, shown=POSITIVE)  # shown to try it, counted neutral
        say(tx, 2, POSITIVE)
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert found == pytest.approx(np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]]), abs=0.02)


def test_a_label_chosen_out_of_caution_is_judged_as_it_was_counted(store: Store) -> None:
    with store.write() as tx:
        add_news(tx, 3)
        doubt = [0.3, 0.3, 0.4]
        cautious = {"sentiment": NEGATIVE, "sentiment_probabilities": doubt}
        cautious["negative"] = counts_as_negative(doubt)
        tx.execute(label.update().where(label.c.story_id == 3).values(**cautious))
        say(tx, 3, NEUTRAL, shown="")
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert found[1, 2] == found.sum() == pytest.approx(1)


def test_a_label_called_wrong_and_no_more_is_dealt_out_by_how_it_is_wrong_elsewhere(
    sqlite_store: Store,
) -> None:
    prior = np.array([[40.0, 9, 0], [1, 40, 1], [0, 1, 40]])
    with sqlite_store.write() as tx:
        add_news(tx, 3000)
        for story in range(1, 31):
            say(tx, story, "" if story in (1, 4) else counted(story))
        found = audits.seen(tx, CHAMPION, False, WINDOW, prior)
    assert found.sum() == pytest.approx(30)
    assert found[1, 1] == pytest.approx(8, abs=0.1)  # ten were counted neutral
    assert found[0, 1] + found[2, 1] == pytest.approx(2, abs=0.1)
    assert found[0, 1] > 5 * found[2, 1] > 0


def test_several_analysts_on_one_story_are_one_story_and_most_of_them_are_believed(
    store: Store,
) -> None:
    with store.write() as tx:
        add_news(tx, 600)
        say(tx, 3, NEGATIVE)
        for name in ("bert", "cleo"):
            say(tx, 3, POSITIVE, name, why="uncertain")  # put again
        say(tx, 6, "")
        say(tx, 6, POSITIVE, "bert", why="uncertain")
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert found[2, 0] == found.sum() == pytest.approx(2)


def test_neither_of_two_labels_leaves_the_third(store: Store) -> None:
    with store.write() as tx:
        add_news(tx, 3)
        pair = {"why": "disagreement", "shown": "", "options": (NEGATIVE, NEUTRAL)}
        say(tx, 3, "", **pair)
        say(tx, 1, NEUTRAL)  # of three stories one is known, and this stands for the other two
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert (found[2, 0], found[1, 1]) == pytest.approx((1 / 3, 2 / 3))


def test_what_was_asked_about_for_a_reason_counts_as_the_part_of_the_news_that_it_is(
    store: Store,
) -> None:
    with store.write() as tx:
        add_news(tx, 210)
        for story in range(3, 33, 3):
            say(tx, story, NEUTRAL, why="uncertain")
        for story in range(33, 93, 3):
            say(tx, story, NEGATIVE)
        for story in range(93, 123, 3):  # the audits stand for these
            say(tx, story, POSITIVE, why="uncertain")
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert found.sum() == pytest.approx(20)
    assert found[1, 0] == pytest.approx(10 * 20 / 210)
    assert found[2, 0] == 0


def test_what_was_known_of_news_that_nobody_was_asked_about_any_more_is_no_part_of_it(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        add_news(tx, 90, seen=NOW - WINDOW - HOUR)
        add_news(tx, 210, first=91)
        say(tx, 3, NEUTRAL, why="uncertain")
        say(tx, 93, NEUTRAL, why="uncertain")
        say(tx, 96, NEGATIVE)
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert (found[1, 0], found[0, 0]) == pytest.approx((1 / 210, 209 / 210))


def test_what_was_said_a_quarter_of_a_year_ago_is_forgotten(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_news(tx, 600, seen=NOW - audits.LATELY - 2 * HOUR)
        add_news(tx, 600, first=601)
        say(tx, 3, NEUTRAL, at=NOW - audits.LATELY - HOUR)
        before = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
        say(tx, 603, NEGATIVE)
        after = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert before[1, 0] == before.sum() == pytest.approx(1)
    assert after[0, 0] == after.sum() == pytest.approx(1)


def test_without_audits_nothing_is_known_however_much_was_asked_for_a_reason(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        add_news(tx, 600)
        say(tx, 3, NEUTRAL, why="uncertain")
        assert not audits.seen(tx, CHAMPION, False, WINDOW, NOTHING).any()


def test_labels_of_names_of_another_checkpoint_and_known_answers_are_kept_apart(
    store: Store,
) -> None:
    with store.write() as tx:
        add_news(tx, 300, targets=("Orsk",))
        say(tx, 9, POSITIVE, why="gold")
        say(tx, 3, NEGATIVE, target="Orsk")
        say(tx, 6, NEUTRAL)
        say(tx, 12, POSITIVE, checkpoint="another")
        heads = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
        names = audits.seen(tx, CHAMPION, True, WINDOW, NOTHING)
        other = audits.seen(tx, "another", False, WINDOW, NOTHING)
    assert heads[1, 0] == heads.sum() == pytest.approx(1)
    assert names[0, 0] == names.sum() == pytest.approx(1)
    assert not other.any()


def test_who_may_not_judge_a_candidate_is_not_heard(store: Store) -> None:
    with store.write() as tx:
        add_news(tx, 600)
        ranks = {"anna": "trusted", "bert": "adversary", "cleo": "watched"}
        kept = [KeptStanding(name, rank, 0.5, 40, {}, NOW) for name, rank in ranks.items()]
        standings.keep(tx, kept)
        say(tx, 3, NEGATIVE)
        say(tx, 3, POSITIVE, "bert", why="uncertain")
        say(tx, 6, NEUTRAL, "bert")
        say(tx, 6, NEUTRAL, "cleo", why="uncertain")
        say(tx, 9, NEUTRAL, "dora")  # a newcomer
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
    assert found == pytest.approx(np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0]]), abs=0.02)


def test_through_the_queue_the_errors_found_are_those_of_all_news_though_doubts_are_asked_first(
    sqlite_store: Store,
) -> None:
    """A third of the news is unsure, and half of that wrong; two fifths of all get an answer."""
    asked = settings(audit=0.2, gold=0, blind=0)
    rng = random.Random(1)
    with sqlite_store.write() as tx:
        add_news(tx, 400, chance=0.97)
        add_news(tx, 200, first=401, chance=0.4, seen=NOW - HOUR / 2)
        truths = {n: SENTIMENTS[(n % 3 + (n > 400 and n % 2)) % 3] for n in range(1, 601)}
        for turn in range(480):
            item = next_item(tx, asked, f"analyst{turn % 5}", NOW, rng)
            assert item is not None
            put = reviews.get(tx, item.id)
            assert put is not None
            if item.head == "topic":
                answer(tx, item.id, put.analyst, "confirm", "", "", NOW)
                continue
            assert put.story_id is not None
            right = truths[put.story_id] == item.shown
            said = ("confirm", "") if right else ("reject", truths[put.story_id])
            answer(tx, item.id, put.analyst, *said, "", NOW)
        found = audits.seen(tx, CHAMPION, False, WINDOW, NOTHING)
        audited = [
            one.verdict.answer == "confirm"
            for one in verdicts.logged(tx)
            if one.verdict.why == "audit" and one.verdict.head == "sentiment"
        ]
    wrong = 1 - np.trace(found) / found.sum()
    assert wrong == pytest.approx(1 / 6, abs=0.05)
    assert 1 - np.mean(audited) < 0.12  # audits alone would have said this
