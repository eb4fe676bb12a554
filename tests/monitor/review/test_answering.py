"""What analysts say is taken down once, fits what was asked, and may become gold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from review_rows import NOW

from monitor.review.answering import ReviewError, answer
from monitor.store import reviews, standings, verdicts
from monitor.store.engine import Store
from monitor.store.reviews import ReviewItem
from monitor.store.standings import KeptStanding
from policy.verdicts import Verdict

SHOWN = ReviewItem(
    id="i1", analyst="anna", article_id=4, story_id=3, text="Mill burns", target="",
    head="sentiment", why="audit", selection=0.25, shown="neutral",
    propensities={"negative": 0.5, "neutral": 0.5}, options=(), trial=None, truth="", alert_id="",
    checkpoint="ck", origin="wire", url="https://wire.example/4", seen_at=NOW, served_at=NOW,
)  # fmt: skip
BLIND = replace(SHOWN, id="i2", shown="", propensities={})
PAIR = replace(BLIND, id="i3", why="disagreement", options=("neutral", "negative"), trial=1)


@pytest.fixture
def served(store: Store) -> Store:
    return put(store)


@pytest.fixture
def served_lite(sqlite_store: Store) -> Store:
    return put(sqlite_store)


def put(store: Store) -> Store:
    with store.write() as tx:
        for item in (SHOWN, BLIND, PAIR):
            assert reviews.add(tx, item)
    return store


def say(
    store: Store, item: str, said: str, correction: str = "", reason: str = "", hours: float = 0
) -> Verdict:
    with store.write() as tx:
        at = NOW + timedelta(hours=hours, microseconds=7)
        return answer(tx, item, "anna", said, correction, reason, at)


def test_a_verdict_says_what_was_shown_and_with_which_probabilities(served: Store) -> None:
    said = say(served, "i1", "reject", "negative", "wrong sentiment")
    assert said == Verdict(
        said.id, "Mill burns", "", "sentiment", "neutral", 0.5, 0.25, "anna", "reject",
        "negative", "wrong sentiment", NOW, "audit", "ck", "",
    )  # fmt: skip
    with served.read() as tx:
        assert [one.verdict for one in verdicts.logged(tx)] == [said]
        assert verdicts.of_article(tx, 4, "", "sentiment") == [said]


def test_nothing_was_chosen_of_a_blind_item_so_its_propensity_is_1(served: Store) -> None:
    assert say(served, "i2", "reject", "negative").propensity == 1
    assert say(served, "i3", "reject", "neutral").blind


def test_the_same_answer_sent_again_is_the_same_verdict(served: Store) -> None:
    first = say(served, "i1", "confirm")
    assert say(served, "i1", "confirm", hours=3) == first
    with served.read() as tx:
        assert len(verdicts.logged(tx)) == 1


def test_another_answer_is_refused_and_the_first_stands(served: Store) -> None:
    first = say(served, "i1", "confirm")
    with pytest.raises(ReviewError, match="answered already"):
        say(served, "i1", "reject", hours=1)
    with served.read() as tx:
        assert [one.verdict for one in verdicts.logged(tx)] == [first]


@pytest.mark.parametrize(
    ("item", "said", "correction", "reason", "told"),
    [
        ("i1", "maybe", "", "", "give confirm, reject or abstain"),
        ("i1", "reject", "negativ", "", "did you mean 'negative'"),
        ("i1", "reject", "Earnings", "", "is no sentiment"),
        ("i1", "reject", "neutral", "", "confirm it"),
        ("i1", "reject", "", "boring", "one of real"),
        ("i1", "reject", "", "neither", "does not show two"),
        ("i1", "confirm", "negative", "", "give reject"),
        ("i1", "abstain", "negative", "", "give reject"),
        ("i2", "confirm", "", "", "give a correction"),
        ("i2", "reject", "", "", "give the right one"),
        ("i3", "confirm", "", "", "give a correction"),
        ("i3", "reject", "negative", "neither", "the one or the other"),
        ("i9", "confirm", "", "", "not yours"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_in_one_line(
    served_lite: Store, item: str, said: str, correction: str, reason: str, told: str
) -> None:
    with pytest.raises(ReviewError, match=told) as fault:
        say(served_lite, item, said, correction, reason)
    assert "\n" not in str(fault.value)
    with served_lite.read() as tx:
        assert verdicts.logged(tx) == []


def test_nobody_answers_what_was_put_to_another(served: Store) -> None:
    with served.write() as tx, pytest.raises(ReviewError, match="not yours"):
        answer(tx, "i1", "ben", "confirm", "", "", NOW)


def test_neither_of_two_labels_is_an_answer_with_or_without_a_third(served: Store) -> None:
    assert say(served, "i3", "reject", "", "neither").reason == "neither"
    with served.write() as tx:
        reviews.add(tx, replace(PAIR, id="i4"))
    assert say(served, "i4", "reject", "positive", "neither").correction == "positive"


def test_three_trusted_analysts_who_say_the_same_make_gold(store: Store) -> None:
    trust(store, "trusted", "anna", "ben", "cleo", "dora")
    assert gold_after(store, anna="neutral", ben="neutral") == []
    (made,) = gold_after(store, cleo="neutral")
    assert (made.truth, made.text, made.voices) == (
        "neutral",
        "Mill burns",
        ["anna", "ben", "cleo"],
    )
    assert len(gold_after(store, dora="neutral")) == 1


def test_one_trusted_analyst_who_differs_makes_it_no_gold(store: Store) -> None:
    trust(store, "trusted", "anna", "ben", "cleo", "dora")
    assert gold_after(store, anna="neutral", ben="negative", cleo="neutral", dora="neutral") == []


def test_analysts_who_are_not_known_to_be_good_make_no_gold(store: Store) -> None:
    trust(store, "watched", "anna", "ben", "cleo")
    assert gold_after(store, anna="neutral", ben="neutral", cleo="neutral") == []


def trust(store: Store, standing: str, *names: str) -> None:
    with store.write() as tx:
        standings.keep(tx, [KeptStanding(name, standing, 0.8, 90, {}, NOW) for name in names])


def gold_after(store: Store, **labels: str) -> list[reviews.GoldItem]:
    """What is gold after each analyst named has given this label, blind or by confirming it."""
    with store.write() as tx:
        for name, label in labels.items():
            reviews.add(tx, replace(SHOWN, id=name, analyst=name))
            if label == "neutral":
                answer(tx, name, name, "confirm", "", "", NOW)
            else:
                answer(tx, name, name, "reject", label, "", NOW)
        return reviews.gold(tx, 9)
