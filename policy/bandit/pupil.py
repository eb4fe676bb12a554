"""One of our learners at the desk: a linear head, refitted to everything heard so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from policy.annotators import newcomers, reliability
from policy.bandit.accusing import unheard
from policy.bandit.arms import ANALYSTS
from policy.bandit.course import Rows
from policy.bandit.curiosity import bonus
from policy.bandit.memory import Known
from policy.learners.evidence import corrected
from policy.learners.linear import Anchors, Head, fit, log_policy
from policy.learners.pull import Choice, choose_pull, choose_start, fit_known, tempered
from policy.learners.types import Feedback, Learner, Panel

_CHOSEN_AGAIN = 2.0  # the pull is chosen anew at each doubling of the verdicts
_NEIGHBOURS = (0.5, 1.0, 2.0)  # of the pull chosen last


class Student(Protocol):
    """Whoever shows labels and hears verdicts, one of our learners or a rival."""

    @property
    def patience(self) -> int:
        """Verdicts between lessons, at most."""
        ...

    def select(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Labels shown (n,) and their propensities (n, K)."""
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
        self, learner: Learner, warm: Rows, labels: int, draw: torch.Generator, habits: Habits
    ) -> None:
        self._learner, self._draw, self._habits = learner, draw, habits
        self._zero = Head.zero(labels, warm.features.shape[1])
        self._anchors = Anchors(warm.features, warm.truth)
        self._seen = torch.bincount(warm.truth, minlength=labels).float()
        self._confirmed, self._shown = self._seen, torch.zeros(labels)
        self._choice = choose_start(learner, self._anchors, labels)
        self._head = fit_known(learner, self._anchors, labels, self._choice.pull)
        self._chosen_at = 0
        trusting = Panel.trusted(ANALYSTS, labels)
        self.panel = newcomers(ANALYSTS, labels) if habits.careful else trusting

    @property
    def choice(self) -> Choice:
        return self._choice

    def select(self, features: Tensor) -> tuple[Tensor, Tensor]:
        logits = self._head.logits(features)
        if self._habits.curious:
            logits = logits + self._scale() * bonus(self._confirmed, self._shown)
        return self._learner.select(logits, self._draw)

    def _scale(self) -> float:
        """Nats in the learner's own units: a model of rewards has a temperature."""
        return float(getattr(self._learner, "temperature", 1.0))

    def learn(self, known: Known, named: Tensor, *, last: bool) -> None:
        feedback = known.feedback
        if self._habits.careful:
            self.panel = reliability(feedback, known.beliefs.exp(), ANALYSTS).panel
            heard = ~unheard(known, named, ANALYSTS)
            feedback = replace(feedback, weight=feedback.weight * heard)
        self._confirmed = self._seen + _confirmed(feedback, len(self._seen))
        self._shown = torch.bincount(feedback.shown, minlength=len(self._seen)).float()
        if last or len(feedback) >= _CHOSEN_AGAIN * max(self._chosen_at, self.patience):
            self._choose(known, feedback)
        self._head = fit(
            self._learner, known.features, feedback, self.panel, self._anchors, self._zero,
            pull=self._choice.pull, begin=self._head, reference=known.beliefs,
        )  # fmt: skip

    def _choose(self, known: Known, feedback: Feedback) -> None:
        self._chosen_at = len(feedback)
        self._choice = choose_pull(
            self._learner, known.features, feedback, self.panel, self._anchors, self._zero,
            pulls=[self._choice.pull * factor for factor in _NEIGHBOURS],
            begin=self._head, reference=known.beliefs,
        )  # fmt: skip

    def log_chances(self, features: Tensor) -> Tensor:
        told = log_policy(self._learner, self._head, features)
        return tempered(told, self._choice.temperature)


def _confirmed(feedback: Feedback, labels: int) -> Tensor:
    """How often each label (K,) was said to be right."""
    named = corrected(feedback)
    said = torch.where(named, feedback.correction, feedback.shown)
    return torch.bincount(said[named | feedback.confirmed], minlength=labels).float()
