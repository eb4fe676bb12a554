"""Headlines as an encoder's features: what our own learners read in `downdraft bandit`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.bandit.features import default_cache, embedded
from policy.data import Example
from policy.encoder import DEFAULT_ENCODER
from policy.env.sight import Features


def encoded_by(encoder: str = DEFAULT_ENCODER, cache: Path | None = None) -> Features:
    """A function that makes an encoder's features, of length 1 each; kept in `cache`.

    `encoder` is a folder or a name on the Hugging Face Hub. Raises CheckpointError where it cannot
    be loaded, when the function is called.
    """

    def features(texts: Sequence[str], targets: Sequence[str]) -> NDArray[np.floating[Any]]:
        rows = [Example(*each) for each in zip(texts, targets, strict=True)]
        return embedded(rows, encoder, cache or default_cache())[0]

    return features
