"""Odd texts and company: what breaks a policy, or makes its answers hang on each other, is told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from rule_policy import Rule, says

from policy.checklist.cases import read_seeds
from policy.checklist.hostile import ODD_TEXTS, alike_in_company, answers_odd_texts, flaw
from policy.labeller import Labeller
from policy.types import Prediction


class Crowded(Rule):
    """Its answer depends on who else is asked about."""

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [says("negative" if len(texts) > 1 else "positive")] * len(texts)


class Backwards(Rule):
    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return super().label(texts, targets)[::-1]


class Forgetful(Rule):
    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return super().label(texts, targets)[1:]


@pytest.mark.parametrize("unfit", [Crowded, Backwards])
def test_an_answer_that_hangs_on_the_batch_is_found_out(unfit: type[Rule]) -> None:
    def by_letters(text: str, _: str) -> Prediction:
        return says("positive" if len(text) % 2 else "negative")

    seeds = read_seeds()
    assert alike_in_company(Rule(by_letters), seeds).rate == 1.0
    assert alike_in_company(unfit(by_letters), seeds).rate < 1.0


def crash(text: str, target: str) -> Prediction:
    raise UnicodeEncodeError("utf-8", text, 0, 1, "surrogates not allowed")


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (Rule(crash), "raised UnicodeEncodeError"),
        (Forgetful(lambda text, _: says("neutral")), f"answers to {2 * len(ODD_TEXTS)} texts"),
        (Rule(lambda text, _: says("neutral", math.nan)), "not a number"),
        (
            Rule(lambda text, _: Prediction((1.0,), (1.0,), "IPO", "neutral")),
            "1 probabilities for 20 labels",
        ),
    ],
)
def test_odd_texts_that_break_a_policy_are_told(unfit: Rule, why: str) -> None:
    result = answers_odd_texts(unfit)
    assert result.passed == 0
    assert why in result.worst[0]


def test_a_flaw_is_told_of_any_head() -> None:
    topics = says("neutral").topic_probabilities
    assert flaw(says("neutral")) == ""
    heavy, below = (0.5, 0.5, 0.5), (1.5, -0.5, 0.0)
    assert flaw(Prediction.likeliest(topics, heavy)) == "probabilities sum to 1.500000"
    assert "negative" in flaw(Prediction.likeliest(topics, below))
    assert flaw(Prediction.likeliest(topics, (math.inf, 0.0, 0.0))) == "probabilities sum to inf"
    assert flaw(Prediction(topics, (0.2, 0.6, 0.2), "IPO", "glad")) == "'glad' is no label"


def test_the_shipped_policy_answers_alike_alone_and_in_a_batch() -> None:
    policy = Labeller.load(None, "cpu")
    result = alike_in_company(policy, read_seeds())
    assert result.rate == 1.0, result.worst
    assert answers_odd_texts(policy).rate == 1.0
