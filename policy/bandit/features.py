"""What a headline looks like to the untuned encoder, reckoned once a file and kept on disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from policy.batches import Rows
from policy.data import Example, fingerprint, near_duplicates
from policy.encoder import Base, load_base
from policy.model import mean_pool

Floats = NDArray[np.float32]
Show = Callable[[str, int, int], None]  # what, done, of how many
_BATCH = 64
_LAYOUT = "1"  # of the kept file: another one is reckoned anew
_READ_FROM = ("model.safetensors", "pytorch_model.bin", "tokenizer.json", "config.json")


def default_cache() -> Path:
    """Where features and finished cells are kept: the user's cache."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "downdraft"


def silent(what: str, done: int, total: int) -> None:
    """Shows nothing."""


def embedded(
    examples: Sequence[Example], encoder: str, cache: Path, show: Show = silent
) -> tuple[Floats, NDArray[np.int64]]:
    """Features (N, D) and near-duplicate groups (N,) of the rows, from `cache` where they lie.

    A feature vector is the mean of the encoder's last hidden states, of length 1. The encoder is
    the published one, never a checkpoint of ours: that has seen the answers already.
    Raises CheckpointError where the encoder cannot be loaded.
    """
    file = cache / f"features-{_key(examples, encoder)}.safetensors"
    if file.is_file():
        kept = load_file(file)
        return kept["features"], kept["groups"]
    features = _embed(examples, load_base(encoder), show)
    groups = np.array(near_duplicates([each.text for each in examples]), dtype=np.int64)
    cache.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    save_file({"features": features, "groups": groups}, draft)
    draft.replace(file)
    return features, groups


def _key(examples: Sequence[Example], encoder: str) -> str:
    """Hash of the rows as the encoder reads them and of the encoder: its files, or its name."""
    asked = [Example(each.text, each.target) for each in examples]
    digest = hashlib.sha256(f"{_LAYOUT}\n{encoder}\n{fingerprint(asked)}".encode())
    for file in (Path(encoder) / name for name in _READ_FROM):
        if file.is_file():
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]


def _embed(examples: Sequence[Example], base: Base, show: Show) -> Floats:
    rows = Rows(examples, base.tokens)
    found = np.zeros((len(rows), base.hidden), dtype=np.float32)
    encoder, done = base.encoder.eval(), 0
    with torch.inference_mode():
        for indices in rows.in_order_of_length(_BATCH):
            inputs = rows.batch(indices).inputs
            pooled = mean_pool(encoder(**inputs).last_hidden_state, inputs["attention_mask"])
            found[indices] = torch.nn.functional.normalize(pooled, dim=1).numpy()
            done += len(indices)
            show("reading headlines", done, len(rows))
    return found
