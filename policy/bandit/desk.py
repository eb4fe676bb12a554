"""A simulated desk of analysts, honest, careless and false.

All chance is drawn before the first headline is shown: whatever a learner shows, the same analyst
slips at the same headline, so that learners are compared in pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.bandit.arms import ANALYSTS, Arm
from policy.learners.types import NONE

_LIES = 0.95  # how often an adversary says the opposite
_COIN = 0.65  # how often the control's answers confirm, whatever was shown
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Answers:
    """What analysts said of n headlines."""

    confirmed: Flags
    correction: Whole  # NONE where none was given
    analyst: Whole
    heard: Flags  # False: abstained
    false: Flags  # an adversary said the opposite


class Desk:
    """Answers about the stream's N headlines, whose right labels (N,) it knows."""

    def __init__(self, arm: Arm, truth: Whole, named: Flags, labels: int, seed: int) -> None:
        draw, rows = np.random.default_rng([seed, 1]), len(truth)
        self._arm, self._truth = arm, truth
        self.analyst: Whole = draw.integers(ANALYSTS, size=rows)
        chance = draw.random((6, rows))
        elsewhere = (truth + draw.integers(1, labels, size=rows)) % labels
        goal = int(draw.integers(labels))  # where liars about one name want it
        lies = (self.analyst < arm.adversaries) & (chance[0] < _LIES)
        self._lies: Flags = lies & named if arm.aimed else lies
        self._wrong: Flags = self._lies | (chance[1] < arm.noise)
        self._names: Flags = chance[2] < arm.corrections
        astray = self._wrong | (chance[3] < arm.noise)
        pushed = self._lies & arm.aimed & (truth != goal)
        self._says: Whole = np.where(astray, np.where(pushed, goal, elsewhere), truth)
        self._heard: Flags = chance[4] >= arm.abstain
        self._coin: Flags = chance[5] < _COIN

    def answer(self, rows: slice, shown: Whole) -> Answers:
        """About the labels shown (n,) for these rows of the stream."""
        confirmed = (shown == self._truth[rows]) ^ self._wrong[rows]
        if self._arm.broken == "rewards":
            confirmed = self._coin[rows]
        says = self._says[rows]
        tells = self._names[rows] & ~confirmed & (says != shown)
        return Answers(
            confirmed,
            np.where(tells, says, NONE),
            self.analyst[rows],
            self._heard[rows],
            self._lies[rows],
        )
