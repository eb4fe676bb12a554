"""What an agent sees of a headline: its text, or the features that a function makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from policy.data import clean
from policy.errors import DataError

# Texts (N,) and targets (N,), "" for the headline as a whole → features (N, D). Those of an
# encoder: policy/env/encoded.py.
Features = Callable[[Sequence[str], Sequence[str]], NDArray[np.floating[Any]]]


class Sight:
    """The observations of N headlines, and the space that they lie in."""

    def __init__(self, texts: Sequence[str], targets: Sequence[str], features: Features | None):
        """Raises DataError where there is nothing to see, or features are not (N, D) and finite."""
        if not texts:
            raise DataError("no headline has a label of this head: there is nothing to step over")
        self._seen: list[str] | NDArray[np.float32]
        self.space: spaces.Space[Any]
        if features is None:
            self._seen = [_as_text(*each) for each in zip(texts, targets, strict=True)]
            self.space = _of_texts(self._seen)
        else:
            self._seen = _checked(np.asarray(features(texts, targets), np.float32), len(texts))
            bound = max(float(np.abs(self._seen).max(initial=0)), 1.0)
            self.space = spaces.Box(-bound, bound, self._seen.shape[1:], np.float32)

    def __len__(self) -> int:
        return len(self._seen)

    def of(self, row: int) -> str | NDArray[np.float32]:
        """A headline's observation; an array is the caller's to change."""
        seen = self._seen[row]
        return seen if isinstance(seen, str) else seen.copy()


def _as_text(text: str, target: str) -> str:
    """What is asked about stands in front, as of a speaker: "Norcast: Orbena sues Norcast"."""
    if not (seen := clean(text)):
        raise DataError(f"a headline without text ({text[:40]!r}) cannot be observed; remove it")
    return f"{target}: {seen}" if target else seen


def _of_texts(texts: Sequence[str]) -> spaces.Text:
    letters = "".join(sorted(set().union(*texts)))
    return spaces.Text(max(len(each) for each in texts), charset=letters)


def _checked(features: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    if features.ndim != 2 or len(features) != rows or not features.shape[1]:
        raise DataError(f"features of {rows} headlines have the shape {features.shape}, not (N, D)")
    if not np.isfinite(features).all():
        raise DataError("a feature is not finite: mend the function that makes them")
    return features
