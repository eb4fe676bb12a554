"""Rows that were judged, and what was said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from policy.batches import Rows
from policy.data import Example
from policy.learners.gather import Gathered
from policy.learners.types import Feedback
from policy.tokens import Tokens
from policy.verdicts import Head


@dataclass(frozen=True, slots=True)
class Judged:
    """Distinct (text, target) rows, and what was said of them."""

    rows: Rows
    feedback: dict[Head, Feedback]  # of N_h verdicts
    row: dict[Head, NDArray[np.int64]]  # (N_h,), the row that each of them is about

    def __len__(self) -> int:
        return sum(len(each) for each in self.feedback.values())

    def about(self, rows: NDArray[np.int64]) -> dict[Head, tuple[Tensor, Feedback]]:
        """The verdicts on those rows: their places in `rows`, and what they say."""
        place = np.full(len(self.rows), -1)
        place[rows] = np.arange(len(rows))
        found: dict[Head, tuple[Tensor, Feedback]] = {}
        for head, feedback in self.feedback.items():
            where = place[self.row[head]]
            chosen = np.flatnonzero(where >= 0)
            if len(chosen):
                picked = feedback.take(torch.from_numpy(chosen))
                found[head] = torch.from_numpy(where[chosen]), picked
        return found


def judged(gathered: Mapping[Head, Gathered], tokens: Tokens) -> Judged:
    """The rows that the verdicts are about, each once, whichever heads were judged."""
    index: dict[tuple[str, str], int] = {}
    row = {
        head: np.array(
            [index.setdefault((each.text, each.target), len(index)) for each in some.kept], np.int64
        )
        for head, some in gathered.items()
    }
    rows = Rows([Example(text, target) for text, target in index], tokens)
    return Judged(rows, {head: each.feedback for head, each in gathered.items()}, row)
