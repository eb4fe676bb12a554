"""Labels for a whole archive: each distinct text once, in large batches, kept between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from monitor.replay_cache import Say, keep, read
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
    It is written after every batch: who is stopped has lost no more than one. One that cannot be
    read is made anew, and so `say` is told.
    """

    def __init__(self, policy: Policy, cache: Path | None, say: Say | None = None) -> None:
        self._policy = policy
        self._path = cache / f"counted-{policy.checkpoint}.npy" if cache else None
        self._say = say
        self._known = self._load()

    def label(
        self, asked: Iterable[Ask], progress: Callable[[int, int], None] | None = None
    ) -> dict[Ask, Answer]:
        """An answer for every distinct (text, target)."""
        keys = {ask: _key(*ask) for ask in asked}
        unknown = [ask for ask, key in keys.items() if key not in self._known]
        if progress and unknown:
            progress(0, len(unknown))
        for start in range(0, len(unknown), CHUNK):
            chunk = unknown[start : start + CHUNK]
            answers = self._policy.label([text for text, _ in chunk], [name for _, name in chunk])
            for ask, answer in zip(chunk, answers, strict=True):
                self._known[keys[ask]] = _compress(answer)
            self._save()
            if progress:
                progress(start + len(chunk), len(unknown))
        return {ask: _answer(self._known[key]) for ask, key in keys.items()}

    def _load(self) -> dict[int, _Row]:
        if self._path is None or not self._path.exists():
            return {}
        found = _read(self._path)
        if found is None and self._say:
            self._say(f"{self._path}: torn or not of labels; headlines are labelled anew")
        return found or {}

    def _save(self) -> None:
        """With what others have learned meanwhile; where it fails, once is enough."""
        if self._path is None:
            return
        known = (_read(self._path) or {}) | self._known
        rows = np.array([(key, *row) for key, row in known.items()], dtype=_ROW)
        if not keep(self._path, rows, "labels", self._say):
            self._path = None


def _key(text: str, target: str) -> int:
    digest = hashlib.blake2b(f"{target}\x1f{text}".encode(errors="replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _compress(answer: Prediction) -> _Row:
    chance = answer.sentiment_probabilities[NEGATIVE]
    return TOPICS.index(answer.topic), answer.negative, chance


def _answer(row: _Row) -> Answer:
    topic, negative, chance = row
    return Answer(TOPICS[topic], negative, chance)


def _read(path: Path) -> dict[int, _Row] | None:
    """The cache; None for a file that is none, or of another layout."""
    rows = read(path)
    if rows is None or rows.dtype != _ROW or rows.ndim != 1:
        return None
    if (rows["topic"] >= len(TOPICS)).any():
        return None
    return {key: (topic, negative, chance) for key, topic, negative, chance in rows.tolist()}
