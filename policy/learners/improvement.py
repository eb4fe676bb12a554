"""From a model of the labels to a better policy on a leash: LEARNING §3b, in closed form.

Doubly robust rewards after Dudík, Langford and Li 2011 (arXiv 1103.4601), shrunk by clipping; the
policy that maximises E[r̃] − β·KL(π ‖ π_ref) is π_ref·exp(r̃/β) up to its sum (Peters, Mülling and
Altün 2010, "Relative Entropy Policy Search"). It is distilled rather than ascended: the expected
reward has plateaus and local optima even where all rewards are known (Chen et al., NeurIPS 2019).
"""

from __future__ import annotations

import torch
from torch import Tensor

from policy.learners.evidence import beliefs_after, corrected, of_shown, rewards
from policy.learners.types import Feedback, Panel

WEIGHT_CAP = 5.0  # w̄: of an importance weight 1/μ


def kl(log_left: Tensor, log_right: Tensor) -> Tensor:
    """KL(left ‖ right) (N,) of log-probabilities (N, K): trained on and reported, one function."""
    # Where left is 0 its logarithm may be −inf: such a label adds nothing.
    terms = log_left.exp() * (log_left.clamp_min(-1e4) - log_right.clamp_min(-1e4))
    return terms.sum(1)


def doubly_robust(q: Tensor, feedback: Feedback, panel: Panel) -> Tensor:
    """r̃ (N, K) in [0, 1]: the model's q (N, K), mended at the label shown by what was answered.

    Where the analyst named a label it is the posterior instead; where the analyst is unreliable
    or the item was blind without an answer it is q. q should not have seen these verdicts.

    As α and 1 − κ are below 1, R̂ lies outside (0, 1), and 1/μ is at least 1: what clipping leaves
    at the label shown is 1 after a yes and 0 after a no, whatever q, μ and the analyst's errors.
    Only without clipping do they matter, and then r̃/β may be 150 nats.
    """
    found = rewards(feedback, panel)
    inverse = (1 / feedback.propensity).clamp_max(WEIGHT_CAP).to(q.dtype)
    step = inverse * (found.reward.to(q.dtype) - of_shown(q, feedback)) * found.observed
    place = feedback.shown.clamp_min(0)[:, None]
    mended = q.scatter_add(1, place, step[:, None]).clamp(0, 1)
    posterior = beliefs_after(q.clamp_min(1e-12).log(), feedback, panel)
    return torch.where(corrected(feedback)[:, None], posterior, mended)


def informed(feedback: Feedback, panel: Panel) -> Tensor:
    """Rows (N,) whose r̃ is more than q: a leash let out by q alone makes it surer, not wiser."""
    return rewards(feedback, panel).observed | corrected(feedback)


def improved(log_reference: Tensor, reward: Tensor, beta: float) -> Tensor:
    """Log-probabilities (N, K) of π* ∝ π_ref·exp(r̃/β)."""
    return torch.log_softmax(log_reference + reward / beta, dim=1)


def objective(log_policy: Tensor, log_reference: Tensor, reward: Tensor, beta: float) -> Tensor:
    """J (N,): expected reward less β·KL(π ‖ π_ref), all labels enumerated."""
    return (log_policy.exp() * reward).sum(1) - beta * kl(log_policy, log_reference)
