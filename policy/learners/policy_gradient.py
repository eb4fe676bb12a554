"""Policy gradient on logged verdicts: REINFORCE with a baseline, RLOO, PPO, or all labels at once.

REINFORCE: Williams 1992. The loss is the importance-weighted surrogate −(R − b)·π/μ, whose gradient
is −(R − b)·(π/μ)·∇log π: on-policy it is REINFORCE's own. PPO: Schulman et al. 2017 (arXiv
1707.06347), its ratio to the reference clipped. RLOO: Ahmadian et al. 2024 (arXiv 2402.14740), the
baseline is the mean of the others' rewards; here the others are other headlines, since a headline
is shown once. Left out: critic, several epochs' sampling, bonus for entropy (the leash does it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from policy.learners.evidence import corrected, of_shown, rewards, weighted
from policy.learners.exploration import Exploration, NearGreedy, shown
from policy.learners.improvement import WEIGHT_CAP, doubly_robust, kl
from policy.learners.types import Feedback, Panel


@dataclass(frozen=True, slots=True)
class PolicyGradient:
    method: Literal["reinforce", "ppo", "all-action"] = "reinforce"
    baseline: Literal["reference", "others", "none"] = "reference"
    clip: float = 0.2  # PPO's: how far the ratio may leave 1
    leash: float = 0.02  # β of β·KL(π ‖ π_ref), exact over all labels
    explore: Exploration = field(default_factory=lambda: NearGreedy(0.05))
    name: ClassVar[str] = "policy_gradient"
    separate: ClassVar[bool] = False

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        log_policy = torch.log_softmax(logits, dim=1)
        if self.method == "all-action":
            gain = (log_policy.exp() * doubly_robust(reference.exp(), feedback, panel)).sum(1)
        else:
            gain = self._of_the_shown(log_policy, feedback, panel, reference)
            # A correction tells every label's reward: 1 for the one named, 0 for the others.
            told = one_hot(feedback.correction.clamp_min(0), logits.shape[1]).to(logits.dtype)
            gain = torch.where(corrected(feedback), (log_policy.exp() * told).sum(1), gain)
        return weighted(self.leash * kl(log_policy, reference) - gain, feedback)

    def _of_the_shown(
        self, log_policy: Tensor, feedback: Feedback, panel: Panel, reference: Tensor
    ) -> Tensor:
        """(N,) advantage times ratio; 0 where nothing was shown or the analyst is not reliable."""
        found = rewards(feedback, panel)
        reward = found.reward.to(log_policy.dtype)
        advantage = (reward - self._baseline(reward, found.observed, reference)) * found.observed
        policy = of_shown(log_policy, feedback).exp()
        if self.method == "reinforce":
            return advantage * policy * (1 / feedback.propensity).clamp_max(WEIGHT_CAP)
        before = of_shown(reference, feedback).exp()
        ratio = policy / before.clamp_min(1e-6)
        bounded = ratio.clamp(1 - self.clip, 1 + self.clip)
        off_policy = (before / feedback.propensity).clamp_max(WEIGHT_CAP)
        return torch.minimum(ratio * advantage, bounded * advantage) * off_policy

    def _baseline(self, reward: Tensor, observed: Tensor, reference: Tensor) -> Tensor:
        """(N,), of the headline or of the other rows: never of this row's own answer."""
        if self.baseline == "none":
            return torch.zeros_like(reward)
        if self.baseline == "reference":
            return reference.exp().square().sum(1)  # what the start expects of its own draw
        total, count = (reward * observed).sum(), observed.sum()
        return (total - reward * observed) / (count - observed.long()).clamp_min(1)

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(logits, labels, reduction="none")

    def policy(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1)

    def values(self, logits: Tensor) -> Tensor:
        return self.policy(logits)

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        propensities = self.explore.propensities(self.policy(logits), self.values(logits))
        return shown(propensities, draw), propensities
