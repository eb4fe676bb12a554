"""The policy's network: an encoder, mean pooling, one linear head a question."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from policy.errors import DeviceError
from policy.types import SENTIMENTS, TOPICS


class TwoHeads(nn.Module):
    """Encoder with a topic head and a sentiment head on the mean of its last hidden states."""

    def __init__(self, encoder: nn.Module, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict(
            {
                "topic": nn.Linear(hidden, len(TOPICS)),
                "sentiment": nn.Linear(hidden, len(SENTIMENTS)),
            }
        )

    def forward(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Logits (B, 20) and (B, 3) of a padded batch of (B, T) token ids."""
        hidden = self.encoder(**batch).last_hidden_state  # (B, T, D)
        pooled = mean_pool(hidden, batch["attention_mask"])
        return self.heads["topic"](pooled), self.heads["sentiment"](pooled)


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
