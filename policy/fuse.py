"""Linear layers for a processor with bf16: bias and GELU inside the matrix product (oneDNN).

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


class SlopedLinear(nn.Module):
    """A linear layer as it is; but where a gradient is wanted its products are taken in bf16.

    They are five times as quick. What lies between them stays in fp32, inputs and answers too.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.plain = linear
        weight = linear.weight.detach()
        bias = weight.new_zeros(len(weight)) if linear.bias is None else linear.bias.detach()
        back = rounded(weight.T, weight.new_zeros(weight.shape[1]))
        self._both = FusedLinear(rounded(weight, bias)), FusedLinear(back)

    def forward(self, inputs: Tensor) -> Tensor:
        """(…, D) → (…, E)."""
        if not torch.is_grad_enabled():
            return self.plain(inputs)  # type: ignore[no-any-return]
        return _Product.apply(inputs, *self._both)  # type: ignore[no-any-return, no-untyped-call]


class _Product(torch.autograd.Function):
    """A product whose gradient with regard to its inputs is another one; weights have none."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, forth: FusedLinear, back: FusedLinear) -> Tensor:
        ctx.back = back
        answer: Tensor = forth(inputs.to(torch.bfloat16))
        return answer.float()

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        slope: Tensor = ctx.back(slopes[0].to(torch.bfloat16))
        return slope.float(), None, None


def rounded(weight: Tensor, bias: Tensor) -> nn.Linear:
    """A layer in bf16."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.bfloat16, device="meta")
    layer.weight = nn.Parameter(weight.to(torch.bfloat16).contiguous())
    layer.bias = nn.Parameter(bias.to(torch.bfloat16))
    return layer


def slope(encoder: nn.Module) -> None:
    """Makes the encoder's gradients quick, in place; its answers without them stay as they are."""
    for module in list(encoder.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, SlopedLinear(child))


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
