"""LoRA adapters for encoders too large to train whole; merged, so checkpoints have one format."""

from __future__ import annotations

import warnings

from peft import LoraConfig, get_peft_model
from torch import nn

EVERY = "all-linear"
# What BERT, MPNet, DistilBERT and the later ones call the projections of queries and values.
QUERY_AND_VALUE = r".*\.(query|value|q|v|q_lin|v_lin|q_proj|v_proj)"


def adapt(encoder: nn.Module, rank: int, layers: str = EVERY, dropout: float = 0.05) -> nn.Module:
    """The encoder with adapters of `rank` on its linear `layers`, everything else frozen.

    Hu et al. 2021, "LoRA". α = 2·rank.
    """
    settings = LoraConfig(
        r=rank, lora_alpha=2 * rank, lora_dropout=dropout, target_modules=layers, bias="none"
    )
    with warnings.catch_warnings():  # peft 0.21 asks by a name that transformers 5.23 deprecates
        warnings.simplefilter("ignore", FutureWarning)
        adapted: nn.Module = get_peft_model(encoder, settings)
    return adapted


def merge(encoder: nn.Module) -> nn.Module:
    """The plain encoder again, adapters added into its weights."""
    merged: nn.Module = encoder.merge_and_unload()  # type: ignore[operator]
    return merged
