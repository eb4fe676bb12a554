"""Linear layers for inference on a processor: bias and GELU inside the matrix product (oneDNN).

What `torch.compile` would make of them, without a compiler on the machine: the torch version is
pinned, and `tests/policy/test_fuse.py` holds the operator to what the plain layers answer.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class FusedLinear(nn.Module):
    """A linear layer with its weights packed for oneDNN, followed by GELU where asked."""

    def __init__(self, linear: nn.Linear, activation: str = "none") -> None:
        super().__init__()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), None)
        self.bias = linear.bias.detach()
        self.activation = activation

    def forward(self, inputs: Tensor) -> Tensor:
        """(…, D) → (…, E)."""
        answer: Tensor = torch.ops.mkldnn._linear_pointwise(
            inputs, self.weight, self.bias, self.activation, [], "none"
        )
        return answer

    def plus(self, inputs: Tensor, other: Tensor) -> Tensor:
        """The layer's answer with `other` (…, E) added before it is rounded; no activation."""
        answer: Tensor = torch.ops.mkldnn._linear_pointwise.binary(
            inputs, other, self.weight, self.bias, "add"
        )
        return answer


def fuse(encoder: nn.Module) -> None:
    """Replaces the encoder's linear layers in place; for inference in bf16 on a processor."""
    from transformers.activations import GELUActivation  # here: FusedLinear serves without it

    for module in list(encoder.modules()):
        if isinstance(getattr(module, "intermediate_act_fn", None), GELUActivation | nn.GELU):
            dense: Any = module.dense
            module.dense = FusedLinear(dense, "gelu")
            module.intermediate_act_fn = nn.Identity()
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear) and child.bias is not None:
                setattr(module, name, FusedLinear(child))
