"""Policy gradient on logged verdicts: REINFORCE with a baseline, RLOO, PPO, or all labels at once.

REINFORCE: Williams 1992. The loss is the importance-weighted surrogate −(R − b)·π/μ, whose gradient
is −(R − b)·(π/μ)·∇log π: on-policy it is REINFORCE's own. PPO: Schulman et al. 2017 (arXiv
1707.06347), its ratio to the reference clipped. RLOO: Ahmadian et al. 2024 (arXiv 2402.14740), the
baseline is the mean of the others' rewards; here the others are other headlines, since a headline
is shown once. Left out: critic, several epochs' sampling, bonus for entropy (the leash does it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from policy.errors import DataError
from policy.learners.evidence import Rewards, of_shown, rewards, weighted
from policy.learners.exploration import Exploration, NearGreedy, shown
from policy.learners.improvement import WEIGHT_CAP, doubly_robust, informed, kl
from policy.learners.types import Feedback, Panel

Method = Literal["reinforce", "ppo", "all-action"]
Baseline = Literal["reference", "others", "none"]


@dataclass(frozen=True, slots=True)
class PolicyGradient:
    method: Method = "reinforce"
    baseline: Baseline = "reference"
    clip: float = 0.2  # PPO's: how far the ratio may leave 1
    leash: float = 0.02  # β of β·KL(π ‖ π_ref), exact over all labels
    explore: Exploration = field(default_factory=lambda: NearGreedy(0.05))
    name: ClassVar[str] = "policy_gradient"
    separate: ClassVar[bool] = False

    def __post_init__(self) -> None:
        # Vowpal Wabbit 1778: another algorithm than the one asked for ran, without a word.
        for said, known in ((self.method, Method), (self.baseline, Baseline)):
            if said not in get_args(known):
                raise DataError(f"{said!r} is none of {', '.join(get_args(known))}")

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        log_policy = torch.log_softmax(logits, dim=1)
        if self.method == "all-action":
            worth = doubly_robust(reference.exp(), feedback, panel)
            gain = (log_policy.exp() * worth).sum(1) * informed(feedback, panel)
        else:
            found = rewards(feedback, panel)
            gain = self._of_the_shown(log_policy, feedback, found, reference)
            # A correction tells every label's reward: 1 for the one named, 0 for the others.
            named = log_policy.gather(1, feedback.correction.clamp_min(0)[:, None]).squeeze(1)
            gain = torch.where(found.told, named.exp(), gain)
        return weighted(self.leash * kl(log_policy, reference) - gain, feedback)

    def _of_the_shown(
        self, log_policy: Tensor, feedback: Feedback, found: Rewards, reference: Tensor
    ) -> Tensor:
        """(N,) advantage times ratio; 0 where nothing was shown or the analyst is not reliable."""
        reward = found.reward.to(log_policy.dtype)
        counted = feedback.weight.to(reward.dtype) * found.observed
        advantage = (reward - self._baseline(reward, counted, reference)) * found.observed
        policy = of_shown(log_policy, feedback).exp()
        if self.method == "reinforce":
            return advantage * policy * (1 / feedback.propensity).clamp_max(WEIGHT_CAP)
        before = of_shown(reference, feedback).exp()
        ratio = policy / before.clamp_min(1e-6)
        bounded = ratio.clamp(1 - self.clip, 1 + self.clip)
        off_policy = (before / feedback.propensity).clamp_max(WEIGHT_CAP)
        return torch.minimum(ratio * advantage, bounded * advantage) * off_policy

    def _baseline(self, reward: Tensor, counted: Tensor, reference: Tensor) -> Tensor:
        """(N,), of the headline or of the other rows: never of this row's own answer.

        `counted` (N,) are the rows' weights, 0 where the reward was not observed.
        """
        if self.baseline == "none":
            return torch.zeros_like(reward)
        if self.baseline == "reference":
            return reference.exp().square().sum(1)  # what the start expects of its own draw
        counted = counted.double()  # a sum less one of its terms
        others = (reward * counted).sum() - reward * counted
        return (others / (counted.sum() - counted).clamp_min(1e-6)).to(reward.dtype)

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(logits, labels, reduction="none")

    def policy(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1)

    def values(self, logits: Tensor) -> Tensor:
        return self.policy(logits)

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        propensities = self.explore.propensities(self.policy(logits), self.values(logits))
        return shown(propensities, draw), propensities
