"""Rows to token batches: bucketed by length, in an order that seed and epoch decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding
from torch import Tensor

from policy.data import Example
from policy.tokens import Tokens
from policy.types import SENTIMENTS, TOPICS

_BUCKET = 32  # batches sorted together by length: little padding, still well shuffled
UNKNOWN = -1  # the label of a head that a row says nothing about


@dataclass(frozen=True, slots=True)
class Batch:
    """B rows: padded inputs (B, T) and one label index a head, UNKNOWN where there is none."""

    inputs: dict[str, Tensor]
    topics: Tensor  # (B,)
    sentiments: Tensor  # (B,)
    beliefs: tuple[Tensor, Tensor] | None = None  # a teacher's log-probabilities (B, 20), (B, 3)

    def to(self, device: torch.device) -> Batch:
        inputs = {name: each.to(device) for name, each in self.inputs.items()}
        taught = self.beliefs and (self.beliefs[0].to(device), self.beliefs[1].to(device))
        return Batch(inputs, self.topics.to(device), self.sentiments.to(device), taught)


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Distributions over both heads for N rows."""

    topics: NDArray[np.float64]  # (N, 20), rows sum to 1
    sentiments: NDArray[np.float64]  # (N, 3), rows sum to 1


class Rows:
    """Rows, tokenised once, with what is known about them: labels, a teacher's beliefs."""

    def __init__(
        self, examples: Sequence[Example], tokens: Tokens, beliefs: Beliefs | None = None
    ) -> None:
        self.tokens = tokens
        self.beliefs = beliefs
        self.encodings: list[Encoding] = tokens.encode(
            [each.text for each in examples], [each.target for each in examples]
        )
        self.lengths = np.array([len(each) for each in self.encodings])
        self.topics = np.array([_index(TOPICS, each.topic) for each in examples])
        self.sentiments = np.array([_index(SENTIMENTS, each.sentiment) for each in examples])
        self.targeted = np.array([bool(each.target) for each in examples])

    def __len__(self) -> int:
        return len(self.encodings)

    def shuffled(self, size: int, seed: int, epoch: int) -> list[np.ndarray]:
        """Indices of each batch of one epoch: a pure function of its arguments."""
        draw = np.random.default_rng([seed, epoch])
        order = draw.permutation(len(self))
        batches = []
        for start in range(0, len(order), size * _BUCKET):
            bucket = order[start : start + size * _BUCKET]
            bucket = bucket[np.argsort(self.lengths[bucket], kind="stable")]
            batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
        return [batches[i] for i in draw.permutation(len(batches))]

    def in_order_of_length(self, size: int) -> Iterator[np.ndarray]:
        """Indices of each batch for scoring: every row once, next to rows as long as it is."""
        order = np.argsort(self.lengths, kind="stable")
        for start in range(0, len(order), size):
            yield order[start : start + size]

    def batch(self, indices: np.ndarray) -> Batch:
        inputs = self.tokens.pad([self.encodings[i] for i in indices])
        topics, sentiments = self.topics[indices], self.sentiments[indices]
        taught = self._taught(indices)
        return Batch(inputs, torch.from_numpy(topics), torch.from_numpy(sentiments), taught)

    def _taught(self, indices: np.ndarray) -> tuple[Tensor, Tensor] | None:
        if self.beliefs is None:
            return None
        topics, sentiments = self.beliefs.topics[indices], self.beliefs.sentiments[indices]
        return _logarithm(topics), _logarithm(sentiments)


def _logarithm(chances: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.log(np.maximum(chances, 1e-9))).float()


def _index(labels: tuple[str, ...], label: str | None) -> int:
    return UNKNOWN if label is None else labels.index(label)
