"""Who is believed: adversaries are named soon, honest analysts not even where the policy errs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from policy.standings import Standing, standings
from policy.types import SENTIMENTS, Prediction
from policy.verdicts import Answer, Verdict

BEGIN = datetime(2031, 3, 4, tzinfo=UTC)
EVEN = tuple([0.05] * 20)


def said(mood: str, surety: float) -> Prediction:
    rest = (1 - surety) / 2
    return Prediction.likeliest(EVEN, tuple(surety if m == mood else rest for m in SENTIMENTS))


def desk(
    count: int, lies: Callable[[str, str], bool], wrong: float = 0.2, turned: float = 0.0
) -> tuple[list[Verdict], list[Prediction]]:
    """Verdicts of five analysts in turn, one in twenty of the honest ones wrong.

    The policy errs on `wrong` of the headlines, and takes `turned` of all that has a
    mood for neutral, as sure as ever. `lies(analyst, target)`: whether this one says the opposite.
    """
    draw = random.Random(5)
    verdicts, predictions = [], []
    for number in range(count):
        truth, analyst = draw.choice(SENTIMENTS), f"analyst{number % 5}"
        target = draw.choice(["", "Halvorsen", "Brightwater"])
        mood = draw.choice(SENTIMENTS) if draw.random() < wrong else truth
        if truth != "neutral" and draw.random() < turned:
            mood = "neutral"
        false = draw.random() < (0.95 if lies(analyst, target) else 0.05)
        verdicts.append(answered(number, analyst, target, mood, truth, false))
        predictions.append(said(mood, 1 - wrong * 2 / 3))
    return verdicts, predictions


def answered(
    number: int, analyst: str, target: str, shown: str, truth: str, false: bool, known: str = ""
) -> Verdict:
    answer: Answer = "confirm" if (shown == truth) != false else "reject"
    at = BEGIN + number * timedelta(minutes=7)
    return Verdict(
        str(number), f"headline {number}", target, "sentiment", shown, 1.0, 1.0, analyst, answer,
        "", "", at, truth=known,
    )  # fmt: skip


def by_name(found: list[Standing]) -> dict[str, Standing]:
    return {each.analyst: each for each in found}


def test_an_adversary_is_named_within_fifty_of_its_false_verdicts_and_nobody_else() -> None:
    found = by_name(standings(*desk(1_500, lambda analyst, _: analyst == "analyst3")))
    assert [name for name, each in found.items() if each.standing == "adversary"] == ["analyst3"]
    assert found["analyst3"].figures["named"] == [""]
    assert found["analyst3"].figures["heads"]["sentiment"]["named_after"] <= 50
    assert found["analyst3"].trust < 0.5 < 0.7 < found["analyst0"].trust
    assert found["analyst0"].figures["false"] < 45 < 150 < found["analyst3"].figures["false"]


def test_who_lies_of_one_name_alone_is_named_for_it() -> None:
    found = standings(*desk(2_000, lambda a, t: (a, t) == ("analyst3", "Halvorsen"), wrong=0.3))
    named = {each.analyst: each.figures["named"] for each in found if each.figures["named"]}
    assert named == {"analyst3": ["Halvorsen"]}
    about = by_name(found)["analyst3"].figures["heads"]["sentiment"]["entities"]["Halvorsen"]
    assert about["named_after"] <= 50


def test_honest_analysts_who_correct_a_policy_that_errs_in_one_way_are_not_accused() -> None:
    found = standings(*desk(1_500, lambda *_: False, wrong=0.1, turned=0.9))
    assert {each.standing for each in found} == {"trusted"}


def test_gold_items_count_by_their_known_answer() -> None:
    verdicts, predictions = desk(40, lambda *_: False)
    gold = [
        answered(100 + i, "analyst9", "", "negative", "negative", false=True, known="negative")
        for i in range(14)
    ]
    unsure = [said("neutral", 0.34)] * len(gold)
    found = by_name(standings([*verdicts, *gold], [*predictions, *unsure]))
    assert found["analyst9"].standing == "adversary"


def test_what_says_nothing_makes_no_standing() -> None:
    verdicts, predictions = desk(1, lambda *_: False)
    silent = [replace(each, answer="abstain") for each in verdicts]
    assert standings(silent, predictions) == []
