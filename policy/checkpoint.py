"""A policy as a directory: weights, tokenizer, labels, card, and a manifest that vouches for them.

layers.safetensors      the encoder's layers, fp16: what training changed
embeddings.safetensors  the encoder's embeddings, fp16: frozen, the same for every policy of
                        one base, so that a history of policies stores them once
heads.safetensors       the two heads, and what the tuned policy chooses by, fp32
tokenizer.json          the fast tokenizer
encoder.json            the encoder's configuration
labels.json             topics, sentiments, temperatures, how to feed the encoder
card.md                 the model card
manifest.json           SHA-256 and size of every file above; parent, figures, data
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoConfig, AutoModel

from policy.encoder import without_pooler
from policy.errors import CheckpointError
from policy.model import TwoHeads, is_embedding
from policy.tokens import Tokens, prepare
from policy.types import SENTIMENTS, TOPICS

SHIPPED = Path(__file__).resolve().parent / "shipped"
MANIFEST = "manifest.json"
_CHOICES = "choices."  # prefix of the tuned heads in heads.safetensors
CARD = "card.md"  # listed and verified, but no part of the id: prose changes no answer
_ANSWERS = (
    "layers.safetensors",
    "embeddings.safetensors",
    "heads.safetensors",
    "tokenizer.json",
    "encoder.json",
    "labels.json",
)


@dataclass(frozen=True, slots=True)
class Temperatures:
    """What the logits of each head are divided by."""

    topic: float = 1.0
    sentiment: float = 1.0


@dataclass(frozen=True, slots=True)
class Description:
    """What the manifest says of a checkpoint."""

    id: str  # 12 hex digits over the hashes of the files that decide its answers
    parent: str | None  # id of the checkpoint that training started from
    encoder: str  # base weights, as they were asked for
    created_by: str  # the command
    data: Mapping[str, Any]  # rows and SHA-256 of what it was trained on
    metrics: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]  # name → {"sha256", "size"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checkpoint in memory, in fp32 on the processor."""

    model: TwoHeads
    tokens: Tokens
    temperatures: Temperatures
    description: Description


def save(
    path: Path,
    model: TwoHeads,
    tokens: Tokens,
    config: Mapping[str, Any],
    temperatures: Temperatures,
) -> None:
    """Writes every file but card and manifest; `seal` makes a checkpoint of them."""
    path.mkdir(parents=True, exist_ok=True)
    weights = {name: _half(each) for name, each in model.encoder.state_dict().items()}
    layers = {name: each for name, each in weights.items() if not is_embedding(name)}
    embeddings = {name: each for name, each in weights.items() if is_embedding(name)}
    heads = model.heads.state_dict() | model.choices.state_dict(prefix=_CHOICES)
    heads = {name: each.float().cpu().contiguous() for name, each in heads.items()}
    save_file(layers, path / "layers.safetensors")
    save_file(embeddings, path / "embeddings.safetensors")
    save_file(heads, path / "heads.safetensors")
    tokens.tokenizer.save(str(path / "tokenizer.json"))
    _write(path / "encoder.json", dict(config))
    labels = {
        "topics": TOPICS,
        "sentiments": SENTIMENTS,
        "temperature": {"topic": temperatures.topic, "sentiment": temperatures.sentiment},
        "pad_id": tokens.pad_id,
        "token_type_ids": tokens.typed,
    }
    _write(path / "labels.json", labels)


def seal(
    path: Path,
    *,
    encoder: str,
    created_by: str,
    data: Mapping[str, Any],
    metrics: Mapping[str, Any],
    parent: str | None = None,
) -> Description:
    """Writes the manifest of the files in `path`, last: without it there is no checkpoint."""
    for name in (*_ANSWERS, CARD):
        (path / name).chmod(0o644)  # safetensors writes 0600: an installed package is read by all
    files = {name: _fingerprint(path / name) for name in (*_ANSWERS, CARD)}
    manifest = {
        "id": _id(files),
        "parent": parent,
        "encoder": encoder,
        "created_by": created_by,
        "data": dict(data),
        "metrics": dict(metrics),
        "files": files,
    }
    _write(path / MANIFEST, manifest)
    return _description(manifest)


def describe(path: Path) -> Description:
    """The manifest of a checkpoint, without reading its weights; raises CheckpointError."""
    file = path / MANIFEST
    try:
        return _description(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CheckpointError(f"{file}: missing; {_cure(path)}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{file}: unreadable ({error!r:.80}); {_cure(path)}") from None


def verify(path: Path) -> Description:
    """The description, once every file's size and SHA-256 is as the manifest says."""
    description = describe(path)
    for name in (*_ANSWERS, CARD):
        wanted = description.files.get(name)
        if wanted is None or not (path / name).is_file():
            raise CheckpointError(f"{path / name}: missing; {_cure(path)}")
        if _fingerprint(path / name) != wanted:
            raise CheckpointError(f"{path / name}: altered since it was made; {_cure(path)}")
    if _id(description.files) != description.id:
        raise CheckpointError(f"{path / MANIFEST}: its id is not of its files; {_cure(path)}")
    return description


def load(path: Path) -> Loaded:
    """Verifies, then builds the policy; nothing is read but `path`. Raises CheckpointError."""
    description = verify(path)
    labels = json.loads((path / "labels.json").read_text(encoding="utf-8"))
    if tuple(labels["topics"]) != TOPICS or tuple(labels["sentiments"]) != SENTIMENTS:
        raise CheckpointError(f"{path / 'labels.json'}: other labels than this program's; retrain")
    try:
        model = _build(path)
        tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    except (RuntimeError, ValueError, KeyError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:120]
        raise CheckpointError(
            f"{path}: its files do not fit together ({reason}); retrain"
        ) from error
    tokens = prepare(tokenizer, labels["pad_id"], labels["token_type_ids"])
    temperatures = Temperatures(**labels["temperature"])
    return Loaded(model, tokens, temperatures, description)


def _build(path: Path) -> TwoHeads:
    settings = json.loads((path / "encoder.json").read_text(encoding="utf-8"))
    config = AutoConfig.for_model(**settings)
    plain = AutoModel.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    encoder = without_pooler(plain)
    model = TwoHeads(encoder, config.hidden_size).eval()
    weights = load_file(path / "layers.safetensors") | load_file(path / "embeddings.safetensors")
    encoder.load_state_dict(weights)
    _answer_by(model, load_file(path / "heads.safetensors"))
    return model


def _answer_by(model: TwoHeads, heads: Mapping[str, Tensor]) -> None:
    """Fills heads and choices; a checkpoint without choices was never tuned."""
    chosen = {name.removeprefix(_CHOICES): each for name, each in heads.items() if _CHOICES in name}
    model.heads.load_state_dict({k: each for k, each in heads.items() if _CHOICES not in k})
    if chosen:
        model.choices.load_state_dict(chosen)
    else:
        model.choose_likeliest()


def _half(weights: Tensor) -> Tensor:
    return weights.detach().to("cpu", torch.float16).contiguous()


def _fingerprint(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"sha256": digest, "size": file.stat().st_size}


def _id(files: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [f"{name} {files[name]['sha256']}\n" for name in sorted(_ANSWERS)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def _description(manifest: dict[str, Any]) -> Description:
    return Description(**{name: manifest[name] for name in Description.__slots__})


def _write(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _cure(path: Path) -> str:
    if path == SHIPPED:
        return "reinstall downdraft, or name another checkpoint with --policy"
    return "copy the whole directory again, or train anew with `downdraft train`"
