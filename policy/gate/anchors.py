"""Champion and challenger on rows whose labels are known: what is forgotten, and what is turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from policy.data import Example
from policy.evaluate import ece
from policy.types import Prediction
from policy.verdicts import LABELS, Head

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows whose right label is one."""

    rows: int
    before: float  # accuracy of the champion
    after: float


@dataclass(frozen=True, slots=True)
class Held:
    """One head on the anchors that name its label."""

    rows: int
    before: float  # accuracy of the champion
    after: float
    negative_flips: int  # rows that only the champion has right
    positive_flips: int  # rows that only the challenger has right
    ece_before: float
    ece_after: float
    parts: Mapping[str, Part] = field(default_factory=dict)


def held(
    champion: Sequence[Prediction], challenger: Sequence[Prediction], anchors: Sequence[Example]
) -> dict[Head, Held]:
    """By head; one that no anchor has a label for is absent. Predictions are of the anchors."""
    answer: dict[Head, Held] = {}
    for head, names in LABELS.items():
        truths = [getattr(each, head) for each in anchors]
        known = [row for row, truth in enumerate(truths) if truth]
        if known:
            truth = np.array([names.index(truths[row]) for row in known])
            answer[head] = _held(
                head, [champion[row] for row in known], [challenger[row] for row in known], truth
            )
    return answer


def label_of(said: Prediction, head: Head) -> str:
    return said.topic if head == "topic" else said.sentiment


def chances_of(said: Prediction, head: Head) -> tuple[float, ...]:
    return said.topic_probabilities if head == "topic" else said.sentiment_probabilities


def _held(
    head: Head, champion: Sequence[Prediction], challenger: Sequence[Prediction], truth: Labels
) -> Held:
    old, new = _right(head, champion, truth), _right(head, challenger, truth)
    return Held(
        rows=len(truth),
        before=float(old.mean()),
        after=float(new.mean()),
        negative_flips=int((old & ~new).sum()),
        positive_flips=int((new & ~old).sum()),
        ece_before=_ece(head, champion, truth),
        ece_after=_ece(head, challenger, truth),
        parts={LABELS[head][label]: _part(truth == label, old, new) for label in np.unique(truth)},
    )


def _part(rows: NDArray[np.bool_], old: NDArray[np.bool_], new: NDArray[np.bool_]) -> Part:
    return Part(int(rows.sum()), float(old[rows].mean()), float(new[rows].mean()))


def _right(head: Head, said: Sequence[Prediction], truth: Labels) -> NDArray[np.bool_]:
    names = LABELS[head]
    labels = np.array([names.index(label_of(each, head)) for each in said], dtype=np.int64)
    return np.equal(labels, truth)


def _ece(head: Head, said: Sequence[Prediction], truth: Labels) -> float:
    return ece(np.array([chances_of(each, head) for each in said]), truth)
