"""How likely a verdict is under each label that might be the right one: what all learners share."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from policy.learners.types import Feedback, Panel

_FLOOR = 1e-6  # of any probability: no analyst is so sure that a single word of theirs is final
RELIABLE = (
    0.3  # of α − κ: below it (r − κ) / (α − κ) explodes, and the verdict says next to nothing
)


@dataclass(frozen=True, slots=True)
class Rewards:
    """Verdicts read as rewards of the label shown, cleansed of the analysts' errors."""

    reward: Tensor  # (N,) (r − κ) / (α − κ), unbiased and so at times outside [0, 1]
    observed: Tensor  # (N,) bool, False where blind, corrected or of an unreliable analyst
    told: Tensor  # (N,) bool, True where a reliable analyst names the right label: all rewards


def log_evidence(feedback: Feedback, panel: Panel) -> Tensor:
    """log P(verdict | y is right) for each verdict and each label y, (N, K).

    LEARNING §3a: a confirmation has α where y was shown and κ elsewhere, a rejection the rest. A
    correction y' multiplies the rejection by C[y, y'], spread over what was not shown. A blind
    answer is its correction alone. Times p(y|x) and summed over y this is the verdict's likelihood.
    """
    labels = torch.arange(panel.confusion.shape[1], device=feedback.shown.device)
    alpha, kappa = panel.alpha[feedback.analyst, None], panel.kappa[feedback.analyst, None]
    confirms = torch.where(labels == feedback.shown[:, None], alpha, kappa)
    answer = torch.where(feedback.confirmed[:, None], confirms, 1 - confirms)
    answer = torch.where((feedback.shown < 0)[:, None], torch.ones_like(answer), answer)
    answer = torch.where(corrected(feedback)[:, None], answer * _wrote(feedback, panel), answer)
    return answer.clamp_min(_FLOOR).log()


def corrected(feedback: Feedback) -> Tensor:
    """Which verdicts (N,) name the right label themselves."""
    return (feedback.correction >= 0) & ~feedback.confirmed


def _wrote(feedback: Feedback, panel: Panel) -> Tensor:
    """P(correction | y is right, rejected) (N, K): nobody corrects to the label they reject."""
    who, shown = feedback.analyst, feedback.shown.clamp_min(0)
    wrote = panel.confusion[who, :, feedback.correction.clamp_min(0)]
    barred = panel.confusion[who, :, shown] * (feedback.shown >= 0)[:, None]
    elsewhere = 1 / max(panel.confusion.shape[1] - 1, 1)
    left = 1 - barred
    return torch.where(left > _FLOOR, wrote / left.clamp_min(_FLOOR), elsewhere)


def beliefs_after(log_beliefs: Tensor, feedback: Feedback, panel: Panel) -> Tensor:
    """P(y | x, verdict) (N, K), by Bayes from log-beliefs (N, K) held before the verdict."""
    return torch.softmax(log_beliefs + log_evidence(feedback, panel).to(log_beliefs.dtype), dim=1)


def rewards(feedback: Feedback, panel: Panel) -> Rewards:
    """The verdicts as rewards: for learners that know nothing but rewards."""
    alpha, kappa = panel.alpha[feedback.analyst], panel.kappa[feedback.analyst]
    trust = alpha - kappa
    reward = (feedback.confirmed.to(trust.dtype) - kappa) / trust.clamp_min(RELIABLE)
    named, reliable = corrected(feedback), trust >= RELIABLE
    return Rewards(reward, (feedback.shown >= 0) & ~named & reliable, named & reliable)


def of_shown(values: Tensor, feedback: Feedback) -> Tensor:
    """The column (N,) of values (N, K) that belongs to the label shown; label 0's where blind."""
    return values.gather(1, feedback.shown.clamp_min(0)[:, None]).squeeze(1)


def weighted(losses: Tensor, feedback: Feedback) -> Tensor:
    """Mean over N rows of ω times the loss, 0 of none: N means add up, whatever the batches.

    Two rows alike add as much as one of weight 2.
    """
    return (feedback.weight.to(losses.dtype) * losses).sum() / max(len(feedback), 1)
