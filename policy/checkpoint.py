"""A policy as a directory: weights, tokenizer, labels, card, and a manifest that vouches for them.

layers.safetensors      the encoder's layers, fp16: what training changed
embeddings.safetensors  the encoder's embeddings, fp16: frozen, the same for every policy of
                        one base, so that a history of policies stores them once
heads.safetensors       the two heads, and what the tuned policy chooses by, fp32
tokenizer.json          the fast tokenizer
encoder.json            the encoder's configuration
labels.json             topics, sentiments, temperatures, how to feed the encoder
card.md                 the model card
manifest.json           SHA-256 and size of every file above; parent, figures, data, libraries
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from policy import manifest
from policy.bert import Bert, shape_of
from policy.errors import CheckpointError
from policy.manifest import (
    CARD,
    LINEAR,
    MANIFEST,
    SHIPPED,
    Description,
    describe,
    verify,
    write_json,
)
from policy.model import TwoHeads, is_embedding
from policy.tokens import Tokens, prepare
from policy.types import SENTIMENTS, TOPICS

__all__ = [
    "CARD",
    "MANIFEST",
    "SHIPPED",
    "Description",
    "Loaded",
    "Temperatures",
    "describe",
    "load",
    "save",
    "seal",
    "verify",
]
_CHOICES = "choices."  # prefix of the tuned heads in heads.safetensors
_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors")


@dataclass(frozen=True, slots=True)
class Temperatures:
    """What the logits of each head are divided by."""

    topic: float = 1.0
    sentiment: float = 1.0  # of a whole headline
    sentiment_target: float = 1.0  # towards a target: a harder question, asked of other texts

    def of_sentiment(self, targeted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(N, 1), for rows that ask about a target and rows that do not (N,)."""
        return np.where(targeted, self.sentiment_target, self.sentiment)[:, None]


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
    write_json(path / "encoder.json", dict(config))
    labels = {
        "topics": TOPICS,
        "sentiments": SENTIMENTS,
        "temperature": asdict(temperatures),
        "pad_id": tokens.pad_id,
        "token_type_ids": tokens.typed,
    }
    write_json(path / "labels.json", labels)


def seal(
    path: Path,
    *,
    encoder: str,
    created_by: str,
    data: Mapping[str, Any],
    metrics: Mapping[str, Any],
    parent: str | None = None,
) -> Description:
    """The manifest of a network's files in `path`, written last; it names torch's company."""
    return manifest.seal(
        path,
        encoder=encoder,
        created_by=created_by,
        data=data,
        metrics=metrics,
        libraries=_LIBRARIES,
        parent=parent,
    )


def load(path: Path) -> Loaded:
    """Verifies, then builds the policy; nothing is read but `path`. Raises CheckpointError."""
    description = verify(path)
    if description.encoder == LINEAR:
        raise CheckpointError(f"{path}: a linear policy, which has no network; name another one")
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
    stored = labels["temperature"]
    temperatures = Temperatures(**{"sentiment_target": stored["sentiment"], **stored})
    return Loaded(model, tokens, temperatures, description)


def _build(path: Path) -> TwoHeads:
    settings = json.loads((path / "encoder.json").read_text(encoding="utf-8"))
    weights = load_file(path / "layers.safetensors") | load_file(path / "embeddings.safetensors")
    heads = load_file(path / "heads.safetensors")
    shape = shape_of(settings)
    encoder = Bert.of(shape, weights) if shape else _other_encoder(settings, weights)
    model = TwoHeads(encoder, heads["topic.weight"].shape[1]).eval()
    _answer_by(model, heads)
    return model


def _other_encoder(settings: Mapping[str, Any], weights: Mapping[str, Tensor]) -> nn.Module:
    """Whatever transformers can build; it takes two seconds to import, which no BERT pays."""
    from transformers import AutoConfig, AutoModel

    from policy.encoder import without_pooler

    config = AutoConfig.for_model(**settings)
    plain = AutoModel.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    encoder = without_pooler(plain)
    encoder.load_state_dict(weights)
    return encoder


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
