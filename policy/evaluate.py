"""How good the labels are, how sure they may be, and how fast they come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.data import Example
from policy.types import SENTIMENTS, TOPICS, Policy

_BINS = 15


def evaluate(labeller: Policy, examples: Sequence[Example]) -> dict[str, Any]:
    """Figures of a policy on labelled rows; a head that no row has a label for is absent.

    Headlines per second count tokenising and exclude start-up, which a first small batch takes.
    """
    texts = [each.text for each in examples]
    targets = [each.target for each in examples]
    labeller.label(texts[:64], targets[:64])
    started = time.perf_counter()
    predictions = labeller.label(texts, targets)
    seconds = time.perf_counter() - started
    answer: dict[str, Any] = {"rows": len(examples)}
    pairs = list(zip(predictions, examples, strict=True))
    topics = [(said.topic_probabilities, said.topic, each.topic) for said, each in pairs]
    moods = [(said.sentiment_probabilities, said.sentiment, each.sentiment) for said, each in pairs]
    if scored := _score(topics, TOPICS):
        answer["topic"] = {key: scored[key] for key in ("accuracy", "macro_f1", "ece")}
    if scored := _score(moods, SENTIMENTS):
        answer["sentiment"] = scored
    answer["headlines_per_second"] = round(len(texts) / seconds, 1) if texts else 0.0
    return answer | {"policy": labeller.checkpoint, "tier": labeller.tier}


def _score(
    rows: Sequence[tuple[tuple[float, ...], str, str | None]], labels: tuple[str, ...]
) -> dict[str, Any] | None:
    known = [
        (chances, labels.index(said), labels.index(label))
        for chances, said, label in rows
        if label is not None
    ]
    if not known:
        return None
    chances, said, truth = (np.array(column) for column in zip(*known, strict=True))
    return figures(chances, said, truth)


def figures(
    chances: NDArray[np.float64], said: NDArray[np.int64], truth: NDArray[np.int64]
) -> dict[str, Any]:
    """Accuracy, macro-F1 and confusion of labels given (N,), ECE of probabilities (N, K)."""
    counts = confusion(said, truth, chances.shape[1])
    return {
        "accuracy": round(float(np.trace(counts) / counts.sum()), 4),
        "macro_f1": round(macro_f1(counts), 4),
        "ece": round(ece(chances, truth), 4),
        "confusion": counts.tolist(),
    }


def confusion(said: NDArray[np.int64], truth: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Counts (K, K): row the true label, column the label given."""
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (truth, said), 1)
    return counts


def macro_f1(counts: NDArray[np.int64]) -> float:
    """Mean F1 over the labels that occur or were given, from a confusion (K, K)."""
    hits = np.diag(counts)
    either = counts.sum(0) + counts.sum(1)
    return float((2 * hits[either > 0] / either[either > 0]).mean())


def ece(chances: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Expected calibration error of the top label, 15 equal-width bins (Guo et al. 2017)."""
    top = chances.max(1)
    right = chances.argmax(1) == truth
    bins = np.minimum((top * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, weights=top - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(truth))
