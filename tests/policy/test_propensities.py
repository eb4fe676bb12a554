"""Propensities that cannot be true are told of, those of honest servings are not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policy.propensities import doubts
from policy.types import SENTIMENTS, Prediction
from policy.verdicts import Verdict

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
EVEN = tuple([0.05] * 20)
ONE = Verdict(
    "v", "Mill burns", "", "sentiment", "negative", 1.0, 0.5, "anna", "confirm", "", "", NOON,
)  # fmt: skip


def served(count: int, explored: float) -> tuple[list[Verdict], list[Prediction]]:
    """Shown near-greedily by a policy that is 40 to 95 % sure, each with its true propensity."""
    draw, verdicts, said = random.Random(3), [], []
    for number in range(count):
        sure = draw.uniform(0.4, 0.95)
        best = draw.choice(SENTIMENTS)
        others = [each for each in SENTIMENTS if each != best]
        shown = draw.choice(others) if draw.random() < explored else best
        chance = 1 - explored if shown == best else explored / 2
        verdicts.append(
            replace(ONE, id=f"v{number}", text=f"{number}", shown=shown, propensity=chance)
        )
        odds = tuple(sure if each == best else (1 - sure) / 2 for each in SENTIMENTS)
        said.append(Prediction.likeliest(EVEN, odds))
    return verdicts, said


@pytest.mark.parametrize("explored", [0.0, 0.02, 0.5])
def test_true_propensities_raise_no_doubt(explored: float) -> None:
    assert doubts(*served(600, explored)) == []


@pytest.mark.parametrize(
    ("explored", "logged"),
    [(0.02, lambda one: one.propensity / 10), (0.02, lambda _: 0.05), (0.67, lambda _: 1.0)],
    ids=["a tenth", "those of chance for a sure choice", "1 for what chance showed"],
)
def test_propensities_that_cannot_be_true_are_told_of(
    explored: float, logged: Callable[[Verdict], float]
) -> None:
    verdicts, said = served(600, explored)
    (line,) = doubts([replace(one, propensity=logged(one)) for one in verdicts], said)
    assert line.startswith("sentiment: the mean importance weight of 600 verdicts is ")
    assert "\n" not in line


@pytest.mark.parametrize("changed", [{"truth": "negative"}, {"answer": "abstain"}, {"shown": ""}])
def test_gold_abstentions_and_blind_items_say_nothing_of_propensities(
    changed: dict[str, str],
) -> None:
    verdicts, said = served(600, 0.02)
    wrong = [replace(one, propensity=0.01, **changed) for one in verdicts]  # type: ignore[arg-type]
    assert doubts(wrong, said) == []


def test_a_few_verdicts_raise_no_doubt() -> None:
    verdicts, said = served(20, 0.02)
    assert doubts([replace(one, propensity=0.01) for one in verdicts], said) == []
