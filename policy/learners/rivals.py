"""Two common ways to use verdicts that the experiment measures the learners against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from policy.learners.evidence import corrected, weighted
from policy.learners.exploration import Exploration, NearGreedy, shown
from policy.learners.improvement import kl
from policy.learners.types import Feedback, Panel


@dataclass(frozen=True, slots=True)
class ConfirmOnly:
    """What most teams do: train on what was confirmed or corrected, drop what was rejected."""

    explore: Exploration = field(default_factory=NearGreedy)
    name: ClassVar[str] = "confirm_only"
    separate: ClassVar[bool] = False

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        said = torch.where(corrected(feedback), feedback.correction, feedback.shown)
        known = feedback.confirmed | corrected(feedback)
        return weighted(self.anchor_loss(logits, said.clamp_min(0)) * known, feedback)

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(logits, labels, reduction="none")

    def policy(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1)

    def values(self, logits: Tensor) -> Tensor:
        return self.policy(logits)

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        propensities = self.explore.propensities(self.policy(logits), self.values(logits))
        return shown(propensities, draw), propensities


@dataclass(frozen=True, slots=True)
class Kto(ConfirmOnly):
    """Unpaired yes and no against a reference: Ethayarajh et al. 2024, arXiv 2402.01306.

    A correction is a yes to the label named.
    """

    beta: float = 0.5
    name: ClassVar[str] = "kto"

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        log_policy = torch.log_softmax(logits, dim=1)
        named = corrected(feedback)
        said = torch.where(named, feedback.correction, feedback.shown).clamp_min(0)[:, None]
        ratio = (log_policy - reference).gather(1, said).squeeze(1)
        usual = self._usual(kl(log_policy, reference).detach(), feedback)
        sign = torch.where(named | feedback.confirmed, 1.0, -1.0).to(logits.dtype)
        known = named | (feedback.shown >= 0)
        return weighted((1 - torch.sigmoid(sign * self.beta * (ratio - usual))) * known, feedback)

    def _usual(self, apart: Tensor, feedback: Feedback) -> Tensor:
        """KL(π ‖ π_ref) of the batch, from that of its rows (N,): what a gain is measured from."""
        weight = feedback.weight.to(apart.dtype)
        return (weight * apart).sum() / weight.sum().clamp_min(1e-12)
