"""Simulated analysts say what their arm makes them say."""

from __future__ import annotations

import numpy as np
import pytest

from policy.bandit.arms import Arm
from policy.bandit.desk import Answers, Desk
from policy.learners.types import NONE

ROWS, LABELS = 4000, 4
TRUTH = np.random.default_rng(0).integers(0, LABELS, ROWS)
SHOWN = np.where(np.random.default_rng(1).random(ROWS) < 0.5, TRUTH, (TRUTH + 1) % LABELS)
NAMED = np.arange(ROWS) % 10 == 0


def _answers(arm: Arm, seed: int = 0) -> Answers:
    return Desk(arm, TRUTH, NAMED, LABELS, seed).answer(slice(0, ROWS), SHOWN)


def test_an_honest_desk_confirms_what_is_right_and_nothing_else() -> None:
    said = _answers(Arm())
    assert (said.confirmed == (SHOWN == TRUTH)).all()
    assert said.heard.all()
    assert (said.correction == NONE).all()


def test_corrections_name_the_right_label_on_their_share_of_the_rejections() -> None:
    said = _answers(Arm(corrections=0.3))
    named = said.correction != NONE
    assert not named[said.confirmed].any()
    assert (said.correction[named] == TRUTH[named]).all()
    assert named[~said.confirmed].mean() == pytest.approx(0.3, abs=0.03)


def test_noise_flips_that_share_of_the_answers() -> None:
    said = _answers(Arm(noise=0.2))
    assert (said.confirmed != (SHOWN == TRUTH)).mean() == pytest.approx(0.2, abs=0.02)
    assert not said.false.any()


def test_a_liar_says_the_opposite_and_nobody_else_does() -> None:
    said = _answers(Arm(adversaries=1, corrections=1.0))
    flipped = said.confirmed != (SHOWN == TRUTH)
    assert (flipped == said.false).all()
    assert set(said.analyst[flipped]) == {0}
    assert flipped[said.analyst == 0].mean() == pytest.approx(0.95, abs=0.02)
    lied = said.false & (said.correction != NONE)
    assert lied.any()
    assert (said.correction[lied] != TRUTH[lied]).all()


def test_an_aimed_liar_lies_about_one_name_alone_and_towards_one_label() -> None:
    said = _answers(Arm(adversaries=1, aimed=True, corrections=1.0))
    assert NAMED[said.false].all()
    goals = said.correction[said.false & (said.correction != NONE)]
    values, counts = np.unique(goals, return_counts=True)
    assert counts.max() > 0.5 * counts.sum(), values


def test_abstentions_are_as_frequent_as_said() -> None:
    assert 1 - _answers(Arm(abstain=0.1)).heard.mean() == pytest.approx(0.1, abs=0.02)


def test_the_control_answers_without_looking() -> None:
    confirmed = _answers(Arm(broken="rewards")).confirmed
    right = SHOWN == TRUTH
    assert confirmed[right].mean() == pytest.approx(confirmed[~right].mean(), abs=0.05)


def test_chance_does_not_depend_on_what_is_shown() -> None:
    """So that learners are compared on the same slips by the same analysts."""
    desk = Desk(Arm(noise=0.3), TRUTH, NAMED, LABELS, seed=2)
    one = desk.answer(slice(0, ROWS), SHOWN)
    other = desk.answer(slice(0, ROWS), (TRUTH + 2) % LABELS)
    slipped = one.confirmed != (SHOWN == TRUTH)
    assert (slipped == other.confirmed).all()
    assert (one.analyst == other.analyst).all()
