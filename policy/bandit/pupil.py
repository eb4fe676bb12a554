"""One of our learners at the desk: a linear head, refitted to everything heard so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from policy.annotators import newcomers
from policy.bandit.accusing import unheard
from policy.bandit.arms import ANALYSTS
from policy.bandit.course import Course
from policy.bandit.curiosity import bonus
from policy.bandit.hearing import panel_of
from policy.bandit.memory import Known
from policy.learners.evidence import corrected
from policy.learners.linear import STEPS, Anchors, Head, fit, offered
from policy.learners.pull import (
    PULLS,
    Choice,
    choose_pull,
    choose_start,
    fit_known,
    tempered,
)  # fmt: skip
from policy.learners.types import Feedback, Learner, Panel

_CHOSEN_AGAIN = 2.0  # the pull is chosen anew at each doubling of the verdicts
_HEARD_AGAIN = 1.1  # and the panel whenever there is a tenth more to hear
_ON_THE_WAY = 12  # steps of a lesson: the next one goes on from there
_NEIGHBOURS = (0.7, 1.0, 1.4)  # of the pull chosen last; at first all pulls are tried


class Student(Protocol):
    """Whoever shows labels and hears verdicts, one of our learners or a rival."""

    @property
    def patience(self) -> int:
        """Verdicts between lessons, at most."""
        ...

    def select(self, features: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Labels shown (n,) and their propensities (n, K), of the labels that are `there` (K,)."""
        ...

    def learn(self, known: Known, named: Tensor, *, last: bool) -> None:
        """From all that has come in; `named` (n,) tells which of it is about the watched name."""
        ...

    def log_chances(self, features: Tensor) -> Tensor:
        """Log-probabilities (n, K)."""
        ...


@dataclass(frozen=True, slots=True)
class Habits:
    """What an ablation may take from a learner."""

    careful: bool = True  # estimates whom to believe
    curious: bool = True  # shows labels that nobody has confirmed yet


class Pupil:
    """A learner on frozen features, beginning with the warm start."""

    patience = 300

    def __init__(
        self,
        learner: Learner,
        led: Course,
        draw: torch.Generator,
        habits: Habits,
    ) -> None:
        warm, labels = led.warm, led.labels
        self._learner, self._draw, self._habits = learner, draw, habits
        self._zero = Head.zero(labels, warm.features.shape[1])
        self._led, self._there = led, led.there(torch.zeros(1, dtype=torch.int64))[0]
        self._anchors = Anchors(warm.features, warm.truth, there=self._there)
        self._seen = torch.bincount(warm.truth, minlength=labels).float()
        self._confirmed, self._shown = self._seen, torch.zeros(labels)
        self._choice = choose_start(learner, self._anchors, labels)
        self._head = fit_known(learner, self._anchors, labels, self._choice.pull)
        self._chosen_at = self._heard_at = 0
        trusting = Panel.trusted(ANALYSTS, labels)
        self.panel = newcomers(ANALYSTS, labels) if habits.careful else trusting

    @property
    def choice(self) -> Choice:
        return self._choice

    def select(self, features: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        self._there = there
        logits = self._head.logits(features)
        if self._habits.curious:
            logits = logits + bonus(logits, self._confirmed, self._shown, self._draw)
        return self._learner.select(offered(logits, there), self._draw)

    def learn(self, known: Known, named: Tensor, *, last: bool) -> None:
        feedback = known.feedback
        if self._habits.careful:
            if last or len(feedback) >= _HEARD_AGAIN * self._heard_at:
                self._heard_at = len(feedback)
                self.panel = panel_of(feedback, known.beliefs, ANALYSTS)
            heard = ~unheard(known, named, ANALYSTS)
            feedback = replace(feedback, weight=feedback.weight * heard)
        self._confirmed = self._seen + _confirmed(feedback, len(self._seen))
        self._shown = torch.bincount(feedback.shown, minlength=len(self._seen)).float()
        if last or len(feedback) >= _CHOSEN_AGAIN * max(self._chosen_at, self.patience):
            self._choose(known, feedback)
        self._head = fit(
            self._learner, known.features, feedback, self.panel, self._anchors, self._zero,
            pull=self._choice.pull, begin=self._head, reference=known.beliefs,
            steps=STEPS if last else _ON_THE_WAY, there=self._led.there(known.rows),
        )  # fmt: skip

    def _choose(self, known: Known, feedback: Feedback) -> None:
        factors = _NEIGHBOURS if self._chosen_at else ()
        self._chosen_at = len(feedback)
        self._choice = choose_pull(
            self._learner, known.features, feedback, self.panel, self._anchors, self._zero,
            pulls=[self._choice.pull * factor for factor in factors] or PULLS,
            reference=known.beliefs, there=self._led.there(known.rows),
        )  # fmt: skip

    def log_chances(self, features: Tensor) -> Tensor:
        logits = offered(self._head.logits(features), self._there)
        told = self._learner.policy(logits).clamp_min(1e-12).log()
        return tempered(told, self._choice.temperature)


def _confirmed(feedback: Feedback, labels: int) -> Tensor:
    """How often each label (K,) was said to be right."""
    named = corrected(feedback)
    said = torch.where(named, feedback.correction, feedback.shown)
    return torch.bincount(said[named | feedback.confirmed], minlength=labels).float()
