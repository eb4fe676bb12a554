"""Model-based: a reward model r_φ(x, a) of its own, fitted to rewards alone, then acted upon.

The two stages of learning from human feedback (Christiano et al. 2017, arXiv 1706.03741), with the
second one solved exactly: labels can be enumerated, so the policy is the model's softmax, or its
argmax as the temperature goes to 0. Least squares, unnormalised: values of a headline need not sum
to 1 and may leave [0, 1]. Known in contextual bandits as the direct method.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from policy.learners.evidence import of_shown, rewards, weighted
from policy.learners.exploration import EpsilonGreedy, Exploration, shown
from policy.learners.types import Feedback, Panel


@dataclass(frozen=True, slots=True)
class RewardModel:
    temperature: float = 0.1  # of the softmax over rewards; 0 is their argmax
    explore: Exploration = field(default_factory=EpsilonGreedy)
    name: ClassVar[str] = "reward_model"
    separate: ClassVar[bool] = True

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        found = rewards(feedback, panel)
        error = (of_shown(logits, feedback) - found.reward.to(logits.dtype)).square()
        full = self.anchor_loss(logits, feedback.correction.clamp_min(0))
        return weighted(torch.where(found.told, full, error * found.observed), feedback)

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        told = one_hot(labels, logits.shape[1]).to(logits.dtype)
        return (logits - told).square().sum(1)

    def policy(self, logits: Tensor) -> Tensor:
        if not self.temperature:
            return one_hot(logits.argmax(1), logits.shape[1]).to(logits.dtype)
        return torch.softmax(logits / self.temperature, dim=1)

    def values(self, logits: Tensor) -> Tensor:
        return logits

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        propensities = self.explore.propensities(self.policy(logits), self.values(logits))
        return shown(propensities, draw), propensities
