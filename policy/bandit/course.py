"""One run's headlines in order: what is known from the start, what is judged, what is measured."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from policy.bandit.arms import Order
from policy.bandit.split import split
from policy.bandit.table import Table

_NAME = re.compile(r"\$[A-Z]{2,5}\b|(?<=\s)[A-Z][a-z]{3,}\b")
_COMMON = 0.05  # of the headlines: a word in more than these is no name
_EARLY = 0.8  # of a label's rows, where labels come mostly early or mostly late
_REVIEWED = 0.8  # of the review is of one label
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Headlines as a linear head sees them, with their right labels."""

    features: Tensor  # (N, D) float32
    truth: Tensor  # (N,) int64

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True, slots=True)
class Course:
    """What a learner is led through."""

    labels: int
    warm: Rows
    stream: Rows
    test: Rows
    named: Flags  # (N,) of the stream: headlines about the name that liars aim at
    test_named: Flags
    newcomer: int | None  # the label that appears at half-time
    half: int  # rows of the stream before it

    def there(self, rows: Tensor) -> Tensor:
        """The labels (n, K) that there are at these rows (n,) of the stream."""
        found = torch.ones(len(rows), self.labels, dtype=torch.bool)
        if self.newcomer is not None:
            found[:, self.newcomer] = rows >= self.half
        return found


def course(
    table: Table,
    features: NDArray[np.float32],
    groups: Whole,
    size: tuple[int, int],
    order: Order,
    seed: int,
) -> Course:
    """The rows of this seed in the arm's order; `size` is of warm start and stream."""
    cut = split(groups, *size, seed)
    draw = np.random.default_rng([seed, 2])
    warm, stream, half, newcomer = cut.warm, cut.stream, len(cut.stream) // 2, None
    if order == "new-topic":
        newcomer = _middling(table.truth[stream], draw)
        warm = warm[table.truth[warm] != newcomer]
        stream = _at_half_time(table.truth[stream] == newcomer, stream, draw)
    elif order == "prior-shift":
        stream = _shifted(table.truth[stream], stream, draw)
    elif order == "one-topic":
        stream = _narrow(table.truth[stream], stream, draw)
    about = names_one(table, stream)

    def rows(chosen: Whole) -> Rows:
        return Rows(torch.from_numpy(features[chosen]), torch.from_numpy(table.truth[chosen]))

    return Course(
        len(table.labels),
        rows(warm),
        rows(stream),
        rows(cut.test),
        about[stream],
        about[cut.test],
        newcomer,
        half,
    )


def names_one(table: Table, stream: Whole) -> Flags:
    """Which rows (of all) carry the name that most headlines of the stream carry."""
    carried = [_names(each.text, each.target) for each in table.examples]
    counts = Counter(name for row in stream for name in carried[row])
    rare = [(n, name) for name, n in counts.items() if n <= max(_COMMON * len(stream), 1)]
    aim = max(rare, default=(0, ""))[1]
    return np.array([aim in names for names in carried], dtype=np.bool_)


def _names(text: str, target: str) -> set[str]:
    return {target} if target else set(_NAME.findall(text))


def _middling(truth: Whole, draw: np.random.Generator) -> int:
    """A label of middling frequency in the stream: among the middle third of those that occur."""
    counts = np.bincount(truth)
    present = sorted(np.flatnonzero(counts), key=lambda label: (counts[label], label))
    third = len(present) // 3
    return int(draw.choice(present[third : len(present) - third]))


def _at_half_time(new: Flags, stream: Whole, draw: np.random.Generator) -> Whole:
    """The new label's rows all in the second half, at random places."""
    half = len(stream) // 2
    late = np.concatenate([stream[~new][half:], stream[new]])
    return np.concatenate([stream[~new][:half], draw.permutation(late)])


def _shifted(truth: Whole, stream: Whole, draw: np.random.Generator) -> Whole:
    """Four fifths of each label's rows before half-time, or after it, by the toss of a coin."""
    labels = np.unique(truth)
    late = np.isin(truth, draw.permutation(labels)[: len(labels) // 2])
    against = draw.random(len(stream)) >= _EARLY
    return np.concatenate([stream[late == against], stream[late != against]])


def _narrow(truth: Whole, stream: Whole, draw: np.random.Generator) -> Whole:
    """All rows of the commonest label, and a quarter as many of the others."""
    common = truth == np.bincount(truth).argmax()
    others = np.flatnonzero(~common)
    kept = draw.permutation(others)[: round(common.sum() * (1 - _REVIEWED) / _REVIEWED)]
    chosen: Whole = np.sort(np.concatenate([np.flatnonzero(common), kept]))
    return stream[chosen]
