"""The core: learn from how likely the verdicts are, under the labels and under the analysts.

LEARNING §3a. One true label per headline makes a verdict more than a reward: confirming a says
that all others are wrong, rejecting a moves its mass to the others. So the loss is

    L = −Σ ω log Σ_y p_θ(y | x) · P(verdict | y right, shown, analyst)

with p_θ the classifier itself; no importance weights, no baseline. Crowd reliabilities inside the
likelihood: Dawid and Skene 1979; Raykar et al. 2010, "Learning from Crowds", JMLR 11. `improve`
goes one step further (§3b): doubly robust rewards from the reference, and the best policy on a
leash of β·KL, distilled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from policy.learners.evidence import log_evidence, weighted
from policy.learners.exploration import Exploration, NearGreedy, shown
from policy.learners.improvement import doubly_robust, improved, informed, kl
from policy.learners.types import Feedback, Panel


@dataclass(frozen=True, slots=True)
class VerdictLikelihood:
    improve: bool = False
    beta: float = 0.1  # of the leash; only where `improve`
    explore: Exploration = field(default_factory=NearGreedy)
    name: ClassVar[str] = "verdict_likelihood"
    separate: ClassVar[bool] = False

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        log_policy = torch.log_softmax(logits, dim=1)
        if self.improve:
            return self._distilled(log_policy, feedback, panel, reference)
        evidence = log_evidence(feedback, panel).to(logits.dtype)
        return weighted(-torch.logsumexp(log_policy + evidence, dim=1), feedback)

    def _distilled(
        self, log_policy: Tensor, feedback: Feedback, panel: Panel, reference: Tensor
    ) -> Tensor:
        """KL(π* ‖ π_θ), π* from the reference as it stood before these verdicts."""
        with torch.no_grad():
            reward = doubly_robust(reference.exp(), feedback, panel)
            target = improved(reference, reward, self.beta)
        return weighted(kl(target, log_policy) * informed(feedback, panel), feedback)

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(logits, labels, reduction="none")

    def policy(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1)

    def values(self, logits: Tensor) -> Tensor:
        return self.policy(logits)

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        propensities = self.explore.propensities(self.policy(logits), self.values(logits))
        return shown(propensities, draw), propensities
