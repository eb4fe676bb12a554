"""How far a policy is from the one it started from: in what it says, and in what it is.

What it says is `policy.learners.improvement.kl`, here as there: where the figure reported and the
one trained on are computed apart, nobody sees the policy leave (huggingface/trl #235, #351).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from policy.finetune.odds import Odds
from policy.learners.improvement import kl
from policy.verdicts import Head


def divergence(reference: Odds, odds: Odds) -> dict[Head, Tensor]:
    """KL(π_ref ‖ π) in nats of each row (N,), a head; from log-probabilities and log-odds.

    All labels are enumerated, so it is exact and never negative.
    """
    return {name: kl(reference[name], each.log_softmax(-1)) for name, each in odds.items()}


def entropy(odds: Tensor) -> Tensor:
    """In nats of each row (N,): near zero everywhere is a policy that has collapsed."""
    said = odds.log_softmax(-1)
    return -(said.exp() * said).sum(-1)


class Change:
    """‖Δθ‖²: of what the adapters add to the weights, and of the heads from where they started."""

    def __init__(self, encoder: nn.Module, heads: nn.Module) -> None:
        self._adapted = [each for each in encoder.modules() if hasattr(each, "lora_A")]
        self._heads = heads
        self._start = [each.detach().clone() for each in heads.parameters()]

    def __call__(self) -> Tensor:
        """A scalar with a gradient."""
        moved = zip(self._heads.parameters(), self._start, strict=True)
        heads = torch.stack([((now - before) ** 2).sum() for now, before in moved]).sum()
        return heads + torch.stack([_added(each) for each in self._adapted]).sum()

    @torch.no_grad()
    def shrink(self, factor: float) -> None:
        """Makes Δθ `factor` times what it is: along a straight line back to the start."""
        for each in self._adapted:
            each.lora_B["default"].weight.mul_(factor)  # type: ignore[index,union-attr]
        for now, before in zip(self._heads.parameters(), self._start, strict=True):
            now.copy_(before + factor * (now - before))


def _added(layer: nn.Module) -> Tensor:
    """‖s·BA‖² = s²·tr(BᵀB·AAᵀ): of matrices (r, r), where BA itself would be (D, D)."""
    down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight  # type: ignore[index,union-attr]
    scale = layer.scaling["default"]  # type: ignore[index]
    square: Tensor = ((up.T @ up) * (down @ down.T)).sum()
    return square * scale**2
