"""Integrated gradients: what each word adds to the network's score of the label it shows.

Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks". The path leads from
a headline of average words (the mean of all word embeddings; it needs a quarter of the steps that
[PAD] or [MASK] need) to the headline; special tokens and the target stand still. The weights must
add up to the difference of the scores at its ends, and on every part of the path to that part's
difference: so the parts where they do not are halved, and the rest of the path costs nothing.
Scores are the fp32 network's own. Slopes are taken in bf16 where the processor is quick at it:
what that misses is counted as any other miss, by the same scores.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding
from torch import Tensor

from policy.checkpoint import SHIPPED, Loaded, load
from policy.data import clean
from policy.explanation import LABELS, LEAST, Duel, Explanation, Head, duel, words_of
from policy.fuse import slope
from policy.model import bfloat16_is_fast
from policy.types import Prediction

Floats = NDArray[np.float64]
ENOUGH = 0.05  # the gap that ends the search
_MOST_STEPS = 256
_BATCH = 24  # steps at a time: bounds the memory of long texts
# Scores change early on the path and hardly after its middle: long parts are enough there.
_PARTS = ((0.0, 0.15), (0.15, 0.3), (0.3, 0.5), (0.5, 1.0))
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)  # of each part
_HEADS: tuple[Head, Head] = ("topic", "sentiment")


@dataclass(frozen=True, slots=True)
class _Path:
    """From a headline of average words to the headline, and the scores to follow."""

    start: Tensor  # (T, D)
    end: Tensor  # (T, D)
    types: Tensor | None  # (T,), where the encoder reads them
    duels: tuple[Duel, Duel]  # a head
    temperatures: tuple[float, float]  # a head


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What the words add between two points of the path, and the scores at these points."""

    begin: float
    end: float
    shares: Floats  # (2, T)
    first: Floats  # (2,)
    last: Floats  # (2,)

    @property
    def missed(self) -> Floats:
        """(2,) signed."""
        told: Floats = self.shares.sum(1)
        return told - (self.last - self.first)


class Explainer:
    """A checkpoint's network in fp32 with layers that have a gradient."""

    def __init__(self, loaded: Loaded) -> None:
        self._model = loaded.model.float().requires_grad_(False).eval()
        self.tokens = loaded.tokens
        encoder: Any = self._model.encoder
        if bfloat16_is_fast(torch.device("cpu")):
            slope(encoder)
        self._vectors: Tensor = encoder.get_input_embeddings().weight.detach()
        self._average = self._vectors.mean(0)
        self._temperatures = loaded.temperatures

    @classmethod
    def load(cls, path: Path | None) -> Explainer:
        """For the checkpoint in `path`, or the shipped one for None; raises CheckpointError."""
        return cls(load(path or SHIPPED))

    def explain(self, text: str, target: str, shown: Prediction) -> tuple[Explanation, Explanation]:
        """Of the topic and of the sentiment that `shown` names."""
        encoding = self.tokens.encode_in_place(text, target)
        path = self._path(encoding, shown)
        parts = self._refined(path)
        scores = np.stack([parts[0].first, parts[-1].last], 1)  # (2, 2): a head, an end
        shares = np.sum([part.shares for part in parts], axis=0)
        words, steps = _pieces(clean(text), encoding), len(parts) * len(_NODES)
        topic, sentiment = (
            _explanation(head, path.duels[i], words, shares[i], scores[i], steps)
            for i, head in enumerate(_HEADS)
        )
        return topic, sentiment

    def _refined(self, path: _Path) -> list[_Part]:
        """Parts, in order, that together miss no more than is enough of what each head gains."""
        parts = self._measured(path, _PARTS)
        wanted = ENOUGH * np.maximum(np.abs(parts[-1].last - parts[0].first), LEAST)
        while len(parts) * len(_NODES) < _MOST_STEPS:
            if (np.abs(sum(part.missed for part in parts)) <= wanted).all():
                break
            good = [part for part in parts if (np.abs(part.missed) <= wanted / len(parts)).all()]
            poor = [(part.begin, part.end) for part in parts if part not in good]
            halves = [(begin, (begin + end) / 2) for begin, end in poor]
            halves += [((begin + end) / 2, end) for begin, end in poor]
            parts = sorted(good + self._measured(path, halves), key=lambda one: one.begin)
        return parts

    def _measured(self, path: _Path, spans: Sequence[tuple[float, float]]) -> list[_Part]:
        """Each span with the integral over it (Gauss-Legendre) and what the scores say of it."""
        edges = sorted({edge for span in spans for edge in span})
        known = dict(zip(edges, self._scores_at(path, edges).T, strict=True))
        begins, ends = np.array(spans).T
        at = (begins + ends)[:, None] / 2 + (ends - begins)[:, None] / 2 * _NODES
        slopes = self._slopes(path, at.ravel()).reshape(len(_HEADS), *at.shape, -1)
        weights = (ends - begins)[:, None] / 2 * _WEIGHTS
        shares = np.einsum("pn,hpnt->pht", weights, slopes)
        return [
            _Part(begin, end, each, known[begin], known[end])
            for (begin, end), each in zip(spans, shares, strict=True)
        ]

    def _path(self, encoding: Encoding, shown: Prediction) -> _Path:
        ids = torch.tensor(encoding.ids)
        headline = torch.tensor([each == 0 for each in encoding.sequence_ids], dtype=torch.bool)
        end = self._vectors[ids]
        start = torch.where(headline[:, None], self._average, end)
        types = torch.tensor(encoding.type_ids) if self.tokens.typed else None
        known = self._temperatures
        warm = known.sentiment_target if 1 in encoding.sequence_ids else known.sentiment
        duels = (duel("topic", shown), duel("sentiment", shown))
        return _Path(start, end, types, duels, (known.topic, warm))

    def _scores(self, path: _Path, at: Sequence[float] | Floats) -> tuple[Tensor, list[Tensor]]:
        """Points on the path (S, T, D) and their scores (S,), one tensor a head."""
        along = torch.tensor(at, dtype=torch.float32)[:, None, None]
        points = torch.lerp(path.start, path.end, along).requires_grad_()
        mask = torch.ones(points.shape[:2], dtype=torch.int64)
        inputs = {"inputs_embeds": points, "attention_mask": mask}
        if path.types is not None:
            inputs["token_type_ids"] = path.types.expand(mask.shape)
        logits = self._model(inputs)[: len(_HEADS)]
        return points, [
            (each[:, pair.label] - each[:, pair.rival]) / temperature
            for each, pair, temperature in zip(logits, path.duels, path.temperatures, strict=True)
        ]

    @torch.no_grad()
    def _scores_at(self, path: _Path, at: Sequence[float]) -> Floats:
        """(2, S)."""
        return torch.stack(self._scores(path, at)[1]).double().numpy()

    def _slopes(self, path: _Path, at: Floats) -> Floats:
        """What each token adds to each score per length of path: (2, S, T)."""
        found = []
        for start in range(0, len(at), _BATCH):
            points, (topic, sentiment) = self._scores(path, at[start : start + _BATCH])
            (one,) = torch.autograd.grad(topic.sum(), points, retain_graph=True)
            (other,) = torch.autograd.grad(sentiment.sum(), points)
            found.append((torch.stack([one, other]) * (path.end - path.start)).sum(-1))
        return torch.cat(found, 1).double().numpy()


def _pieces(cleaned: str, encoding: Encoding) -> list[tuple[str, list[int]]]:
    """Each word that the network reads and its tokens: a word may be in several pieces."""
    spans = words_of(cleaned)
    starts = [start for start, _ in spans]
    found: list[tuple[str, list[int]]] = [(cleaned[a:b], []) for a, b in spans]
    for token, (owner, (start, _)) in enumerate(
        zip(encoding.sequence_ids, encoding.offsets, strict=True)
    ):
        if owner == 0:
            found[bisect_right(starts, start) - 1][1].append(token)
    return [(word, tokens) for word, tokens in found if tokens]


def _explanation(
    head: Head,
    pair: Duel,
    words: Sequence[tuple[str, list[int]]],
    shares: Floats,
    scores: Floats,
    steps: int,
) -> Explanation:
    weights = tuple((word, float(shares[tokens].sum())) for word, tokens in words)
    return Explanation(
        head=head,
        label=LABELS[head][pair.label],
        rival=LABELS[head][pair.rival],
        words=weights,
        rest=float(shares.sum()) - sum(weight for _, weight in weights),
        score=float(scores[1]),
        baseline=float(scores[0]),
        steps=steps,
    )
