"""The policy's network: an encoder, mean pooling, one linear head a question."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from policy.errors import DeviceError
from policy.types import SENTIMENTS, TOPICS


class Logits(NamedTuple):
    """What the network answers for B rows: what it believes, and what the tuned policy prefers."""

    topic: Tensor  # (B, 20), softmax of it over the temperature is the probability
    sentiment: Tensor  # (B, 3)
    topic_choice: Tensor  # (B, 20), the label is its argmax
    sentiment_choice: Tensor  # (B, 3)


class TwoHeads(nn.Module):
    """Encoder with a topic head and a sentiment head on the mean of its last hidden states.

    `heads` believe: their softmax is what is shown and counted. `choices` act: they start as
    copies of the heads and are then tuned towards rewards (policy/reward.py).
    """

    def __init__(self, encoder: nn.Module, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = _questions(hidden)
        self.choices = _questions(hidden).requires_grad_(False)

    def forward(self, batch: dict[str, Tensor]) -> Logits:
        """Logits of a padded batch of (B, T) token ids."""
        return self.answer(self.pool(batch))

    def pool(self, batch: dict[str, Tensor]) -> Tensor:
        """The mean of the last hidden states (B, D) in fp32."""
        hidden = self.encoder(**batch).last_hidden_state  # (B, T, D)
        return mean_pool(hidden, batch["attention_mask"])

    def answer(self, pooled: Tensor) -> Logits:
        """Logits of pooled states (B, D)."""
        heads, choices = self.heads, self.choices
        return Logits(
            heads["topic"](pooled),
            heads["sentiment"](pooled),
            choices["topic"](pooled),
            choices["sentiment"](pooled),
        )

    def choose_likeliest(self) -> None:
        """Puts the choices back to copies of the heads: the policy before it was tuned."""
        self.choices.load_state_dict(self.heads.state_dict())


def _questions(hidden: int) -> nn.ModuleDict:
    return nn.ModuleDict(
        {
            "topic": nn.Linear(hidden, len(TOPICS)),
            "sentiment": nn.Linear(hidden, len(SENTIMENTS)),
        }
    )


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens that are not padding, in fp32: (B, T, D), (B, T) → (B, D)."""
    weights = mask.unsqueeze(-1).float()
    return (hidden.float() * weights).sum(1) / weights.sum(1).clamp(min=1)


def is_embedding(name: str) -> bool:
    """Whether a parameter of the encoder belongs to its frozen embeddings."""
    return name.startswith(("embeddings.", "base_model.model.embeddings."))


def freeze_embeddings(encoder: nn.Module) -> None:
    """Only the layers learn: embeddings are 54 % of MiniLM's weights and know enough words."""
    for name, parameter in encoder.named_parameters():
        if is_embedding(name):
            parameter.requires_grad_(False)


def bfloat16_is_fast(device: torch.device) -> bool:
    """CUDA, or a processor with avx512_bf16 or amx: elsewhere bf16 is slower than fp32."""
    if device.type == "cuda":
        return True
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def pick_device(device: str) -> torch.device:
    """`auto` is CUDA where there is one, else the processor; or a device named by torch.

    Raises DeviceError for a GPU that is not there.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise DeviceError(f"device {device}: torch sees no GPU here; use auto or cpu")
    return torch.device(device)
