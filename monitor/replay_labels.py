"""Labels for a whole archive: each distinct text once, in large batches, kept between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from policy.types import SENTIMENTS, TOPICS, Policy, Prediction

CHUNK = 8192
NEGATIVE = SENTIMENTS.index("negative")

Ask = tuple[str, str]  # text, target
_ROW = np.dtype([("key", "<u8"), ("topic", "u1"), ("negative", "?"), ("probability", "<f4")])
_Row = tuple[int, bool, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of a label as replay needs."""

    topic: str  # as chosen
    negative: bool  # as counted: the likeliest, whatever sentiment was chosen
    probability_negative: float


class Labeller:
    """Asks the policy what the cache does not know. `cache`: a folder, or None to keep nothing.

    The cache is one array file a checkpoint, keyed by a hash of text and target. Its name says
    what it holds: files of an older layout (`labels-…`) kept the label chosen and are left alone.
    """

    def __init__(self, policy: Policy, cache: Path | None) -> None:
        self._policy = policy
        self._path = cache / f"counted-{policy.checkpoint}.npy" if cache else None
        self._known = _load(self._path)

    def label(
        self, asked: Iterable[Ask], progress: Callable[[int, int], None] | None = None
    ) -> dict[Ask, Answer]:
        """An answer for every distinct (text, target)."""
        keys = {ask: _key(*ask) for ask in asked}
        unknown = [ask for ask, key in keys.items() if key not in self._known]
        for start in range(0, len(unknown), CHUNK):
            chunk = unknown[start : start + CHUNK]
            answers = self._policy.label([text for text, _ in chunk], [name for _, name in chunk])
            for ask, answer in zip(chunk, answers, strict=True):
                self._known[keys[ask]] = _compress(answer)
            if progress:
                progress(start + len(chunk), len(unknown))
        if unknown and self._path:
            _save(self._path, self._known)
        return {ask: _answer(self._known[key]) for ask, key in keys.items()}


def _key(text: str, target: str) -> int:
    digest = hashlib.blake2b(f"{target}\x1f{text}".encode(errors="replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _compress(answer: Prediction) -> _Row:
    chance = answer.sentiment_probabilities[NEGATIVE]
    return TOPICS.index(answer.topic), answer.negative, chance


def _answer(row: _Row) -> Answer:
    topic, negative, chance = row
    return Answer(TOPICS[topic], negative, chance)


def _load(path: Path | None) -> dict[int, _Row]:
    """The cache, or nothing: one that cannot be read or has another layout is made anew."""
    try:
        rows = np.load(path, allow_pickle=False) if path and path.exists() else None
    except (OSError, ValueError, EOFError):
        return {}
    if not isinstance(rows, np.ndarray) or rows.dtype != _ROW:
        return {}
    return {key: (topic, negative, chance) for key, topic, negative, chance in rows.tolist()}


def _save(path: Path, known: dict[int, _Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.array([(key, *row) for key, row in known.items()], dtype=_ROW)
    partial = path.with_suffix(".tmp.npy")
    np.save(partial, rows, allow_pickle=False)
    partial.replace(path)
