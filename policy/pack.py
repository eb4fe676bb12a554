"""A BERT's forward pass for inference in bf16 on a processor: packed rows, no padding, no masks.

Texts of one length lie together, token by token: row `t * B + b` of a group is token t of its
text b. All groups of a batch share each matrix product; attention goes group by group, where
every text has the same length and nothing needs a mask. So no product is spent on padding and
no answer depends on it. Three things follow from linear algebra and are exact: the bias of the
keys moves all scores of a query alike and is dropped, the bias of the values passes through the
weights that sum to one and is folded into the output's, the scale of the scores into the queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding
from torch import Tensor, nn
from torch.nn import functional

from policy.bert import Bert
from policy.fuse import FusedLinear, rounded

_FEWEST_ROWS = 32
_PORTIONS = (256, 64, 16, 8, 4, 2, 1)  # texts; a part more costs 25 µs, a size more 15 MB
_BF16 = torch.bfloat16

Attend = Callable[[Tensor, Tensor, Tensor, Tensor, list[int]], object]
"""Queries, keys, values (N, T, d), into the fourth; the last: how many of N to multiply at once."""


class Span(NamedTuple):
    """A group's rows: `texts` texts of `length` tokens each."""

    start: int
    length: int
    texts: int
    portions: list[int]  # how many of the texts attend at once

    def of(self, rows: Tensor, width: int) -> Tensor:
        """The group's part of (rows, …) as (T, B · …/width, width)."""
        end = self.start + self.length * self.texts
        return rows[self.start : end].view(self.length, -1, width)


class Packed:
    """The weights of a BERT, rounded to bf16 and laid out for the processor's matrix units."""

    def __init__(self, encoder: Bert) -> None:
        embeddings: Any = encoder.embeddings
        places = embeddings.position_embeddings.weight.detach()
        kinds = embeddings.token_type_embeddings.weight.detach()
        self._words = embeddings.word_embeddings.weight.detach().half()  # as they are on disk
        self._places = (kinds[:, None] + places[None]).flatten(0, 1)  # (kind · places + place, D)
        self._stride = len(places)
        self._norm = embeddings.LayerNorm
        heads = encoder.config.num_attention_heads
        self._layers = [_Layer(each, heads) for each in encoder.layers]

    def pool(self, encodings: Sequence[Encoding]) -> Tensor:
        """The mean of the last hidden states (B, D) in fp32, of encodings sorted by length."""
        words, places, spans = self._rows(encodings)
        pooled = self._run(words, places, spans, _attend)
        if not torch.isfinite(pooled).all():  # a score beyond the range of exp
            pooled = self._run(words, places, spans, _attend_carefully)
        return pooled

    def _rows(self, encodings: Sequence[Encoding]) -> tuple[Tensor, Tensor, list[Span]]:
        """Word and place of every row, zeros after the last; and which rows are whose."""
        spans: list[Span] = []
        rows = rows_for(sum(len(each) for each in encodings))
        words, places = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
        start = 0
        for length, group in groupby(encodings, key=len):
            alike = list(group)
            spans.append(Span(start, length, len(alike), portions(len(alike), rows // length)))
            part = slice(start, start + length * len(alike))
            words[part] = np.array([each.ids for each in alike]).T.ravel()
            kinds = np.array([each.type_ids for each in alike]).T
            places[part] = (kinds * self._stride + np.arange(length)[:, None]).ravel()
            start = part.stop
        return torch.from_numpy(words), torch.from_numpy(places), spans

    def _run(self, words: Tensor, places: Tensor, spans: list[Span], attend: Attend) -> Tensor:
        embedded = functional.embedding(words, self._words).float()
        embedded += functional.embedding(places, self._places)
        hidden = self._norm(embedded).to(_BF16)  # (rows, D)
        for layer in self._layers:
            hidden = layer(hidden, spans, attend)
        width = hidden.shape[1]
        return torch.cat([span.of(hidden, width).mean(0, dtype=torch.float32) for span in spans])


class _Layer:
    def __init__(self, layer: Any, heads: int) -> None:
        attention, after = layer.attention.self, layer.attention.output
        self._width = attention.query.out_features // heads
        self._ask = FusedLinear(_joined(attention, heads))
        bias = after.dense.bias + after.dense.weight @ attention.value.bias
        self._gather = FusedLinear(rounded(after.dense.weight, bias))
        wide, narrow = layer.intermediate.dense, layer.output.dense
        self._widen = FusedLinear(rounded(wide.weight, wide.bias), "gelu")
        self._narrow = FusedLinear(rounded(narrow.weight, narrow.bias))
        self._norms = after.LayerNorm, layer.output.LayerNorm  # in fp32, over rows in bf16

    def __call__(self, hidden: Tensor, spans: list[Span], attend: Attend) -> Tensor:
        """(rows, D) → (rows, D)."""
        asked = self._ask(hidden)  # (rows, 3D)
        seen = torch.zeros_like(hidden)
        for span in spans:
            heads = span.of(asked, self._width).view(span.length, -1, 3, self._width)
            query, key, value = (each.contiguous() for each in heads.permute(2, 1, 0, 3).unbind())
            counts = [len(query) // span.texts * each for each in span.portions]
            attend(query, key, value, span.of(seen, self._width).transpose(0, 1), counts)
        hidden = self._norms[0](self._gather.plus(seen, hidden))
        return self._norms[1](self._narrow.plus(self._widen(hidden), hidden))  # type: ignore[no-any-return]


def _attend(query: Tensor, key: Tensor, value: Tensor, out: Tensor, counts: list[int]) -> None:
    """Softmax without the maximum taken off: a third of the time, NaN if a score passes 88."""
    chances = _products(query, key.transpose(1, 2), counts).exp_()  # (N, T, T), N = B · heads
    torch.div(_products(chances, value, counts), chances.sum(-1, keepdim=True), out=out)


def _attend_carefully(
    query: Tensor, key: Tensor, value: Tensor, out: Tensor, counts: list[int]
) -> None:
    scores = _products(query, key.transpose(1, 2), counts)
    out.copy_(_products(scores.softmax(-1, dtype=torch.float32).to(_BF16), value, counts))


def _products(one: Tensor, other: Tensor, counts: list[int]) -> Tensor:
    """(N, A, B) and (N, B, C) to (N, A, C), `counts` of the N at a time."""
    if len(counts) == 1:
        return torch.bmm(one, other)
    answer = one.new_empty(len(one), one.shape[1], other.shape[2])
    parts = (each.split_with_sizes(counts) for each in (one, other, answer))
    for left, right, out in zip(*parts, strict=True):
        torch.bmm(left, right, out=out)
    return answer


def _joined(attention: Any, heads: int) -> nn.Linear:
    """Queries, scaled, keys and values as one layer whose rows go head by head: q k v, q k v, …"""
    query, key, value = attention.query, attention.key, attention.value
    width = query.out_features // heads
    scale = width**-0.5
    weights = torch.stack(
        [each.view(heads, width, -1) for each in (query.weight * scale, key.weight, value.weight)],
        1,
    )
    bias = torch.zeros(heads, 3, width)
    bias[:, 0] = query.bias.view(heads, width) * scale
    return rounded(weights.flatten(0, 2), bias.flatten())


def rows_for(tokens: int) -> int:
    """`tokens` rounded up to a power of two: oneDNN prepares each layer anew for each row count.

    That takes as long as a quarter of a full batch, so that there must be few row counts.
    """
    return max(_FEWEST_ROWS, 1 << (tokens - 1).bit_length())


def portions(texts: int, full: int) -> list[int]:
    """`texts` as a sum of few different numbers: `full` by itself, else 1, 2, 4, 8, 16, 64, 256.

    oneDNN also prepares the products of attention anew for each count of texts, and keeps the last
    thousand at a quarter of a megabyte each: with any count, memory would grow for days.
    """
    if texts == full:
        return [texts]
    found: list[int] = []
    for size in _PORTIONS:
        found += [size] * (texts // size)
        texts %= size
    return found


def packs(lengths: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.int64]]:
    """Indices batch by batch, shortest first, as many as have `budget` tokens together."""
    order = np.argsort(lengths, kind="stable")
    start, tokens = 0, 0
    for end, index in enumerate(order):
        if tokens + lengths[index] > budget and end > start:
            yield order[start:end]
            start, tokens = end, 0
        tokens += lengths[index]
    if start < len(order):
        yield order[start:]
