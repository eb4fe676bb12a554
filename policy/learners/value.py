"""Value-based: each label's Q(x, a) = σ(z_a) is regressed on the reward of showing it.

One-step Q-learning, Q ← Q + η(R − Q) with γ = 0 (Watkins and Dayan 1992), by logistic loss, as the
regression oracle that contextual bandits reduce to (Foster and Rakhlin 2020, arXiv 2002.04926;
Vowpal Wabbit's `mtr`). Labels know nothing of each other: a rejection says nothing of the rest.
Selected by ε-greedy or SquareCB. The policy served is softmax(z): of independent Bernoulli labels,
given that exactly one is right, label a is it with a probability proportional to its odds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from policy.learners.evidence import of_shown, rewards, weighted
from policy.learners.exploration import EpsilonGreedy, Exploration, shown
from policy.learners.types import Feedback, Panel


@dataclass(frozen=True, slots=True)
class Value:
    explore: Exploration = field(default_factory=EpsilonGreedy)
    name: ClassVar[str] = "value"
    separate: ClassVar[bool] = False

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        found = rewards(feedback, panel)
        reward = found.reward.clamp(0, 1).to(logits.dtype)  # past 1 the loss has no minimum
        bandit = binary_cross_entropy_with_logits(
            of_shown(logits, feedback), reward, reduction="none"
        )
        full = self.anchor_loss(logits, feedback.correction.clamp_min(0))
        return weighted(torch.where(found.told, full, bandit * found.observed), feedback)

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        told = one_hot(labels, logits.shape[1]).to(logits.dtype)
        return binary_cross_entropy_with_logits(logits, told, reduction="none").sum(1)

    def policy(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1)

    def values(self, logits: Tensor) -> Tensor:
        return torch.sigmoid(logits)

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        propensities = self.explore.propensities(self.policy(logits), self.values(logits))
        return shown(propensities, draw), propensities
