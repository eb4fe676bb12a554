"""A large policy teaches a small one: its beliefs about every row.

It also speaks about heads that a row has no label for, and about rows without any label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from policy.batches import Beliefs
from policy.data import Example
from policy.labeller import Labeller
from policy.types import Prediction

_CHUNK = 4_096


def ask(
    teacher: Path, rows: Sequence[Example], device: str, progress: Callable[[int, int], None]
) -> Beliefs:
    """The teacher's calibrated beliefs about each row. Raises CheckpointError."""
    labeller = Labeller.load(teacher, device)
    said: list[Prediction] = []
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        said += labeller.label([each.text for each in part], [each.target for each in part])
        progress(len(said), len(rows))
    topics = np.array([each.topic_probabilities for each in said])
    return Beliefs(topics, np.array([each.sentiment_probabilities for each in said]))
