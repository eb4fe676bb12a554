"""How good a label distribution is on rows whose labels are known."""

from __future__ import annotations

from torch import Tensor

from policy.evaluate import confusion, ece, macro_f1
from policy.learners.improvement import kl

Figures = dict[str, float]


def figures(log_chances: Tensor, truth: Tensor, before: Tensor) -> Figures:
    """Of log-probabilities (N, K); `before` (N, K) are those of the frozen policy.

    Negative flips: rows that the frozen policy had right and this one has wrong, of all rows.
    """
    chances, right = log_chances.double().exp().numpy(), truth.numpy()
    said, was = chances.argmax(1), before.argmax(1).numpy()
    flips = (was == right) & (said != right)
    return {
        "accuracy": float((said == right).mean()),
        "macro_f1": macro_f1(confusion(said, right, chances.shape[1])),
        "ece": ece(chances, right),
        "negative_flips": float(flips.mean()),
        "positive_flips": float(((was != right) & (said == right)).mean()),
        "kl": float(kl(before, log_chances).mean()),
    }
