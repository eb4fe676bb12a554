"""The linear head on frozen features: any learner fitted to convergence in about a second.

    minimise  Σ_i ω_i·loss_i + w·Σ_anchors loss + pull·‖θ − θ_start‖²

The pull does not shrink as verdicts come in: it is a Gaussian prior around the start, and what it
should be does not depend on how many verdicts there are (LEARNING §4: it matters as much as the
algorithm, so `pull.choose_pull` selects it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from policy.learners.types import Feedback, Learner, Panel

PULL = 1.0
STEPS = 60  # of L-BFGS: as good as converged, wherever it begins
_NEVER = 1e4  # nats
_TOLERANCE = 1e-5  # of the largest gradient; losses are means near 1


@dataclass(frozen=True, slots=True)
class Head:
    """logits = features · weightᵀ + bias."""

    weight: Tensor  # (K, D)
    bias: Tensor  # (K,)

    @classmethod
    def zero(cls, labels: int, features: int) -> Head:
        return cls(torch.zeros(labels, features), torch.zeros(labels))

    def logits(self, features: Tensor) -> Tensor:
        """(N, K) of features (N, D)."""
        return torch.nn.functional.linear(features, self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class Anchors:
    """M rows whose right label is known: the original labels, replayed against forgetting."""

    features: Tensor  # (M, D)
    labels: Tensor  # (M,) int64
    weight: float = 1.0  # of a row beside a verdict
    there: Tensor | None = None  # (K,) bool, labels that there were when these rows were labelled


def fit(
    learner: Learner,
    features: Tensor,
    feedback: Feedback,
    panel: Panel,
    anchors: Anchors | None,
    start: Head,
    *,
    pull: float = PULL,
    begin: Head | None = None,
    reference: Tensor | None = None,
    steps: int = STEPS,
    there: Tensor | None = None,
) -> Head:
    """The head that the learner makes of verdicts about features (N, D).

    Pulled towards `start`; the search begins at `begin` (the last fit, say) or there. `reference`
    (N, K) are log-probabilities before the verdicts; by default those of `start`. No feedback at
    all is allowed: with anchors alone this is the warm start. Fewer `steps` do where the search
    begins near its end. `there` (N, K) are the labels that a verdict could have been about, by
    default all: a label that is new has lost nothing where it was not on offer.
    """
    if reference is None:
        reference = log_policy(learner, start, features)
    verdicts, known = len(feedback), 0 if anchors is None else len(anchors.labels)
    total = max(verdicts + known, 1)

    def objective(head: Head) -> Tensor:
        away = (head.weight - start.weight).square().sum() + (head.bias - start.bias).square().sum()
        loss = pull * away
        if verdicts:
            logits = offered(head.logits(features), there)
            loss = loss + verdicts * learner.loss(logits, feedback, panel, reference)
        if anchors is not None and known:
            logits = offered(head.logits(anchors.features), anchors.there)
            replayed = learner.anchor_loss(logits, anchors.labels)
            loss = loss + anchors.weight * replayed.sum()
        return loss / total

    return minimised(objective, begin or start, steps)


def offered(logits: Tensor, there: Tensor | None) -> Tensor:
    """Logits (N, K) with those of labels that are not there, by (N, K) or (K,), out of reach."""
    return logits if there is None else logits.masked_fill(~there, -_NEVER)


def log_policy(learner: Learner, head: Head, features: Tensor) -> Tensor:
    """Log-probabilities (N, K) of what is served."""
    with torch.no_grad():
        return learner.policy(head.logits(features)).clamp_min(1e-12).log()


def minimised(objective: Callable[[Head], Tensor], begin: Head, steps: int = STEPS) -> Head:
    """Full-batch L-BFGS with a strong Wolfe line search."""
    weight, bias = (each.detach().clone().requires_grad_() for each in (begin.weight, begin.bias))
    search = torch.optim.LBFGS(
        [weight, bias],
        max_iter=steps,
        history_size=20,
        tolerance_grad=_TOLERANCE,
        tolerance_change=1e-9,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        search.zero_grad()
        loss = objective(Head(weight, bias))
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    search.step(closure)  # type: ignore[no-untyped-call]
    return Head(weight.detach(), bias.detach())
