"""A log of verdicts as an environment: which rewards are known, and what they are worth."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from env_rows import NEGATIVE, NEUTRAL, POSITIVE, always, headlines, log, run

from policy.env import Verdicts
from policy.learners.types import Panel
from policy.types import SENTIMENTS


def test_a_reward_is_known_where_the_answer_is_the_label_shown_or_nothing_was() -> None:
    verdicts = log(400)
    for seen, action, reward, info in run(Verdicts(verdicts), always(NEGATIVE)):
        said = verdicts[info["answered"]]
        assert said.text in seen
        assert info["shown"] == (SENTIMENTS.index(said.shown) if said.shown else -1)
        assert info["propensity"] == pytest.approx(said.propensity)
        assert info["observed"] == (said.shown in ("", SENTIMENTS[action]))
        right = said.answer == "confirm" or (not said.shown and said.correction == "negative")
        assert reward == float(info["observed"] and right)


@pytest.mark.parametrize("label", [NEGATIVE, NEUTRAL, POSITIVE])
def test_observed_rewards_over_their_propensities_are_worth_what_the_answers_are(
    label: int,
) -> None:
    """The inverse propensity score of always answering one label, against the truth."""
    rows = headlines(12_000, seed=5)
    worth = np.mean([row.sentiment == SENTIMENTS[label] for row in rows])
    seen = run(Verdicts(log(12_000, seed=5)), always(label))
    score = np.array([reward / info["propensity"] for _, _, reward, info in seen])
    assert score.mean() == pytest.approx(worth, abs=4 * score.std() / len(score) ** 0.5)


def test_rejection_observes_every_label_as_often_and_right_on_average() -> None:
    verdicts = log(12_000, seed=6)
    rows = headlines(12_000, seed=6)
    for label in range(3):
        seen = run(Verdicts(verdicts, replay="rejection"), always(label))
        rewards = [reward for _, _, reward, info in seen if info["observed"]]
        assert len(rewards) / len(seen) == pytest.approx(0.1, abs=0.012)  # the least propensity
        worth = np.mean([row.sentiment == SENTIMENTS[label] for row in rows])
        assert np.mean(rewards) == pytest.approx(worth, abs=0.06)


def test_rewards_by_likelihood_are_what_bayes_believes_of_the_answer() -> None:
    panel = Panel(
        torch.tensor([0.9]), torch.tensor([0.2]), torch.full((1, 3, 3), 0.1) + 0.7 * torch.eye(3)
    )
    one = log(1, answer="confirm", shown="negative", propensity=0.5, correction="")
    earned = {
        label: run(Verdicts(one, replay="likelihood", panel=panel), always(label))[0]
        for label in range(3)
    }
    assert earned[NEGATIVE][2] == pytest.approx(0.9 / 1.3)
    assert earned[NEUTRAL][2] == pytest.approx(0.2 / 1.3)
    assert [each[3]["observed"] for each in earned.values()] == [True, False, False]
    fixed = [replace(one[0], answer="reject", correction="positive")]
    right = run(Verdicts(fixed, replay="likelihood", panel=panel), always(POSITIVE))[0][2]
    by_hand = [0.1 * 0.5, 0.8 * 0.1 / 0.9, 0.8 * 0.8 / 0.9]  # C bars the label that is rejected
    assert right == pytest.approx(by_hand[2] / sum(by_hand))


def test_verdicts_come_in_order_of_time_and_only_those_that_say_something() -> None:
    verdicts = log(30)
    odd = [
        replace(verdicts[0], id="a", answer="abstain"),
        replace(verdicts[1], id="g", why="gold"),
        replace(verdicts[2], id="t", head="topic", shown="Macro", correction=""),
    ]
    mixed = random.Random(0).sample([*verdicts, *odd], 33)
    seen = run(Verdicts(mixed), always(0))
    assert [each[0].split(": ")[-1] for each in seen] == [each.text for each in verdicts]
