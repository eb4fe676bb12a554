from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from policy.learners.gather import tells
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import LABELS, Answer, Head, Verdict

ONE = Verdict(
    id="v1",
    text="Norcast cuts its outlook",
    target="Norcast",
    head="sentiment",
    shown="negative",
    propensity=0.9,
    selection=0.1,
    analyst="ada",
    answer="confirm",
    correction="",
    reason="",
    at=datetime(2031, 3, 4, 12, tzinfo=UTC),
)


def test_both_heads_have_the_labels_of_the_policy_in_its_order() -> None:
    assert LABELS == {"topic": TOPICS, "sentiment": SENTIMENTS}
    assert set(LABELS) == set(get_args(Head))


def test_a_verdict_is_blind_where_nothing_was_shown() -> None:
    assert not ONE.blind
    assert replace(ONE, shown="", answer="reject", correction="neutral").blind


def test_a_verdict_is_never_changed_and_two_that_say_the_same_are_equal() -> None:
    with pytest.raises(FrozenInstanceError):
        ONE.answer = "reject"  # type: ignore[misc]
    assert replace(ONE) == ONE
    assert len({ONE, replace(ONE), replace(ONE, id="v2")}) == 2


def test_what_was_not_served_by_us_is_an_import_without_a_checkpoint_or_a_known_answer() -> None:
    named = {each.name: each.default for each in fields(Verdict)}
    assert (named["why"], named["checkpoint"], named["truth"]) == ("import", "", "")


# What each answer says: with the label shown and without, corrected and not, and to what.
@pytest.mark.parametrize(
    ("answer", "shown", "correction", "says"),
    [
        ("confirm", "negative", "", True),
        ("reject", "negative", "", True),
        ("reject", "negative", "neutral", True),
        ("reject", "negative", "negative", False),
        ("confirm", "negative", "negative", True),
        ("confirm", "negative", "neutral", False),
        ("abstain", "negative", "", False),
        ("abstain", "negative", "neutral", False),
        ("reject", "", "neutral", True),
        ("reject", "", "", False),
        ("confirm", "", "", False),
        ("confirm", "", "neutral", False),
        ("abstain", "", "", False),
    ],
)
def test_an_answer_says_something_or_contradicts_itself(
    answer: Answer, shown: str, correction: str, says: bool
) -> None:
    assert tells(replace(ONE, answer=answer, shown=shown, correction=correction)) is says
