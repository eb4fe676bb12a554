"""BERT in plain torch: a checkpoint of one is opened without the library that trained it.

transformers takes half of the time from the command to its first label, and serving a BERT needs
nothing of it. Parameters have the names that transformers gives them, so that a checkpoint's
files fit both; `tests/policy/test_bert.py` holds the answers to those of transformers' own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

# What this file computes, and what a configuration means that does not name them.
_PLAIN = {
    "hidden_act": "gelu",
    "is_decoder": False,
    "add_cross_attention": False,
    "position_embedding_type": "absolute",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT, under the names of its configuration."""

    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    hidden_size: int  # D
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    layer_norm_eps: float


class Hidden(NamedTuple):
    """What an encoder answers."""

    last_hidden_state: Tensor  # (B, T, D)


def shape_of(settings: Mapping[str, Any]) -> Shape | None:
    """The sizes in an encoder's configuration; None where it is not a plain BERT's."""
    plain = settings.get("model_type") == "bert" and all(
        settings.get(name, usual) == usual for name, usual in _PLAIN.items()
    )
    names = [each.name for each in fields(Shape)]
    if not plain or any(name not in settings for name in names):
        return None
    return Shape(**{name: settings[name] for name in names})


class Bert(nn.Module):
    """The encoder, in inference: no dropout, no pooler."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.config = shape
        width = shape.hidden_size
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": _table(shape.vocab_size, width),
                "position_embeddings": _table(shape.max_position_embeddings, width),
                "token_type_embeddings": _table(shape.type_vocab_size, width),
                "LayerNorm": nn.LayerNorm(width, shape.layer_norm_eps),
            }
        )
        layers = nn.ModuleList(Layer(shape) for _ in range(shape.num_hidden_layers))
        self.encoder = nn.ModuleDict({"layer": layers})

    @classmethod
    def of(cls, shape: Shape, weights: Mapping[str, Tensor]) -> Bert:
        """With `weights` in fp32; raises RuntimeError for weights of another shape or name."""
        with torch.device("meta"):  # drawing weights at random only to replace them takes long
            encoder = cls(shape)
        encoder.load_state_dict({k: each.float() for k, each in weights.items()}, assign=True)
        return encoder.eval()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
    ) -> Hidden:
        """Words (B, T), or vectors in their place (B, T, D); the mask is 1 where a token is."""
        embed = self.embeddings
        words = embed["word_embeddings"](input_ids) if inputs_embeds is None else inputs_embeds
        places = torch.arange(words.shape[1], device=words.device)
        kinds = torch.zeros_like(places) if token_type_ids is None else token_type_ids
        words = words + embed["token_type_embeddings"](kinds)
        hidden = embed["LayerNorm"](words + embed["position_embeddings"](places))
        seen = None if attention_mask is None else attention_mask[:, None, None].bool()
        for layer in self.layers:
            hidden = layer(hidden, seen)
        return Hidden(hidden)

    @property
    def layers(self) -> Iterable[nn.Module]:
        """From the first to the last."""
        return self.encoder["layer"].children()

    def get_input_embeddings(self) -> nn.Module:
        return self.embeddings["word_embeddings"]


class Layer(nn.Module):
    """Attention and a network of two layers, each followed by a sum and a norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, wide = shape.hidden_size, shape.intermediate_size
        asking = {name: nn.Linear(width, width) for name in ("query", "key", "value")}
        self._heads = shape.num_attention_heads
        self.attention = nn.ModuleDict(
            {"self": nn.ModuleDict(asking), "output": _back(width, shape)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, wide)})
        self.output = _back(wide, shape)

    def forward(self, hidden: Tensor, seen: Tensor | None) -> Tensor:
        """(B, T, D) → (B, T, D); a text attends to where `seen` (B, 1, 1, T) is true."""
        asking: Any = self.attention["self"]
        after: Any = self.attention["output"]
        query, key, value = (
            asking[name](hidden).unflatten(-1, (self._heads, -1)).transpose(1, 2)  # (B, H, T, d)
            for name in ("query", "key", "value")
        )
        heard = functional.scaled_dot_product_attention(query, key, value, seen)
        heard = after["dense"](heard.transpose(1, 2).flatten(-2))
        hidden = after["LayerNorm"](heard + hidden)
        wide = functional.gelu(self.intermediate["dense"](hidden))
        return self.output["LayerNorm"](self.output["dense"](wide) + hidden)  # type: ignore[no-any-return]


def _table(rows: int, width: int) -> nn.Embedding:
    """Unfilled: to draw one at random without memory, torch would first import its compiler."""
    table: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
        torch.empty(rows, width), freeze=False
    )
    return table


def _back(wide: int, shape: Shape) -> nn.ModuleDict:
    """To the hidden width again, and the norm after it."""
    norm = nn.LayerNorm(shape.hidden_size, shape.layer_norm_eps)
    return nn.ModuleDict({"dense": nn.Linear(wide, shape.hidden_size), "LayerNorm": norm})
