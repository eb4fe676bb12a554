"""The policy of last resort: a linear model on hashed n-grams, learned from the same labels.

It needs neither torch nor a tokenizer, so that it answers where those cannot be loaded. It never
takes a checkpoint's place in silence: its labels carry the tier `fallback`.

weights.safetensors  per head: the hashes that it knows (F,), ascending, their weights (F, K) in
                     fp16, the bias (K,); labels and temperatures in the header
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from scipy.sparse import csr_array
from scipy.special import softmax

from policy.errors import CheckpointError
from policy.explanation import LABELS, Explanation, Head
from policy.manifest import FALLBACK, LINEAR, Description, verify
from policy.ngrams import Grams, Token, ask_about, grams, tokens
from policy.types import Prediction, Tier

_CHUNK = 1_024  # texts at a time
_WEIGHTS = "weights.safetensors"
_HEADER = "policy"  # one key: safetensors does not keep the order of several
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Linear:
    """One head: K logits out of the n-grams that it knows."""

    hashes: NDArray[np.uint32]  # (F,), ascending
    weights: NDArray[np.float32]  # (F, K)
    bias: NDArray[np.float32]  # (K,)
    temperature: float = 1.0

    def logits(self, seen: Grams, texts: int) -> Floats:
        """(B, K), temperature applied."""
        found: Floats = design(seen, self.hashes, texts) @ self.weights.astype(np.float64)
        return (found + self.bias) / self.temperature


def known(seen: Grams, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Each n-gram's place (F,) among `hashes`, and whether it is there."""
    places = np.minimum(np.searchsorted(hashes, seen.hashes), len(hashes) - 1)
    return places, hashes[places] == seen.hashes


def design(seen: Grams, hashes: NDArray[np.uint32], texts: int) -> csr_array:
    """The n-grams of B texts as a sparse matrix (B, F) over the known `hashes`."""
    places, here = known(seen, hashes)
    where = (seen.rows[here], places[here])
    return csr_array((seen.values[here].astype(np.float64), where), shape=(texts, len(hashes)))


def asked(texts: Sequence[str], targets: Sequence[str]) -> tuple[list[list[Token]], list[int]]:
    """Tokens of each text, its target marked, and where that stands."""
    pairs = [ask_about(tokens(text), each) for text, each in zip(texts, targets, strict=True)]
    return [words for words, _ in pairs], [place for _, place in pairs]


class LinearPolicy:
    """A linear checkpoint at work. The topic is the headline's, whatever the target."""

    parent: str | None = None
    tier: Tier = "fallback"

    def __init__(self, heads: dict[Head, Linear], checkpoint: str) -> None:
        self.heads = heads
        self.checkpoint = checkpoint

    @classmethod
    def load(cls, path: Path | None = None) -> LinearPolicy:
        """The linear checkpoint in `path`, or the one that ships; raises CheckpointError."""
        path = path or FALLBACK
        description: Description = verify(path)
        if description.encoder != LINEAR:
            raise CheckpointError(f"{path}: no linear policy but one of {description.encoder}")
        return cls(_read(path / _WEIGHTS), description.id)

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text, in input order; a target "" asks about the whole headline."""
        wanted = targets if targets is not None else [""] * len(texts)
        said: list[Prediction] = []
        for start in range(0, len(texts), _CHUNK):
            part = slice(start, start + _CHUNK)
            topics, moods = self.logits(texts[part], wanted[part])
            rows = zip(softmax(topics, 1).tolist(), softmax(moods, 1).tolist(), strict=True)
            said += [Prediction.likeliest(tuple(topic), tuple(mood)) for topic, mood in rows]
        return said

    def logits(self, texts: Sequence[str], targets: Sequence[str]) -> tuple[Floats, Floats]:
        """(B, 20) and (B, 3), temperature applied."""
        plain, nowhere = asked(texts, [""] * len(texts))
        whole = grams(plain, nowhere)
        about = grams(*asked(texts, targets)) if any(targets) else whole
        size = len(texts)
        topic = self.heads["topic"].logits(whole, size)
        return topic, self.heads["sentiment"].logits(about, size)

    def explain(self, text: str, target: str, shown: Prediction) -> tuple[Explanation, Explanation]:
        """Of the topic and of the sentiment that `shown` names: the weights themselves, exact."""
        from policy.contributions import contributions

        topic = contributions(self.heads["topic"], "topic", text, "", shown)
        return topic, contributions(self.heads["sentiment"], "sentiment", text, target, shown)


def write(path: Path, heads: dict[Head, Linear]) -> None:
    """The weights file of a linear checkpoint in the directory `path`."""
    tensors: dict[str, Any] = {}
    for name, head in heads.items():
        tensors[f"{name}.hashes"] = head.hashes
        tensors[f"{name}.weights"] = head.weights.astype(np.float16)
        tensors[f"{name}.bias"] = head.bias
    header = {
        "labels": LABELS,
        "temperature": {name: head.temperature for name, head in heads.items()},
    }
    save_file(tensors, path / _WEIGHTS, {_HEADER: json.dumps(header, sort_keys=True)})


def _read(file: Path) -> dict[Head, Linear]:
    try:
        with safe_open(file, framework="numpy") as opened:
            header = json.loads((opened.metadata() or {})[_HEADER])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        if {name: tuple(each) for name, each in header["labels"].items()} != LABELS:
            raise CheckpointError(f"{file}: other labels than this program's; retrain")
        return {
            name: Linear(
                tensors[f"{name}.hashes"],
                tensors[f"{name}.weights"].astype(np.float32),
                tensors[f"{name}.bias"],
                header["temperature"][name],
            )
            for name in LABELS
        }
    except (SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{file}: cannot be read ({error!r:.100}); retrain") from error
