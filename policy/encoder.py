"""Where base weights come from: a path, a Hugging Face id, or offline an installed package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from policy.errors import CheckpointError
from policy.parcels import INSTALL, SMALL, carried
from policy.tokens import Tokens, prepare

DEFAULT_ENCODER = SMALL
_ELSEWHERE = "check the id or path, or the network"


@dataclass(frozen=True, slots=True)
class Base:
    """An encoder before any training of ours."""

    name: str  # as it was asked for
    encoder: nn.Module
    config: dict[str, Any]  # what AutoConfig needs to build the encoder again
    hidden: int  # width of the last hidden state
    tokens: Tokens


def load_base(id_or_path: str = DEFAULT_ENCODER) -> Base:
    """The encoder `id_or_path` in fp32 on the processor, without its pooler.

    A directory is read as it is. The default encoder and the large one are taken from packages
    that carry them where those are installed; anything else from the local cache, then the hub.
    Raises CheckpointError, which says how to get the weights.
    """
    source = _local(id_or_path)
    if source is not None:
        return _load(id_or_path, source, offline=True)
    try:
        return _load(id_or_path, id_or_path, offline=True)
    except CheckpointError:
        return _load(id_or_path, id_or_path, offline=False)


def _local(id_or_path: str) -> str | None:
    found = Path(id_or_path) if Path(id_or_path).is_dir() else carried(id_or_path)
    return str(found) if found else None


def _load(name: str, source: str, *, offline: bool) -> Base:
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it writes over ours
    options = {"local_files_only": offline, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(source, **options)
        settings = _settings(config)
        _lighten(config)
        encoder = AutoModel.from_pretrained(
            source, config=config, dtype=torch.float32, attn_implementation="eager", **options
        )
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, **options)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise CheckpointError(_unreachable(name, error)) from error
    if not getattr(tokenizer, "is_fast", False):
        raise CheckpointError(f"{name}: has no fast tokenizer; choose an encoder that has one")
    typed = "token_type_ids" in tokenizer.model_input_names
    tokens = prepare(tokenizer.backend_tokenizer, tokenizer.pad_token_id or 0, typed)
    return Base(name, without_pooler(encoder), settings, config.hidden_size, tokens)


def _lighten(config: Any) -> None:
    """No dropout but the attention's: on a processor it costs a third of a training step.

    For the same reason attention is written out: the backward pass of torch's fused attention
    took half of a step on headlines of some 30 tokens.
    """
    if hasattr(config, "hidden_dropout_prob"):
        config.hidden_dropout_prob = 0.0


def _settings(config: Any) -> dict[str, Any]:
    """The configuration without where it was read from: a checkpoint names no machine's paths."""
    settings: dict[str, Any] = config.to_diff_dict()
    for name in ("_name_or_path", "transformers_version", "architectures"):
        settings.pop(name, None)
    return settings | {"model_type": config.model_type}


def _unreachable(name: str, error: Exception) -> str:
    reason = " ".join(str(error).split())[:160]
    cure = f"{INSTALL[name]} brings it offline" if name in INSTALL else _ELSEWHERE
    return f"encoder {name}: cannot be loaded ({reason}); {cure}"


def without_pooler(encoder: nn.Module) -> nn.Module:
    """The heads read the mean of the tokens: a BERT's pooler would be dead weight."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # type: ignore[assignment]
    return encoder
