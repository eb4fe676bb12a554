"""Shares corrected for the errors of the labels they are made of.

A checkpoint that finds `sensitivity` of the negative stories and calls `false` of the others
negative shows q = p·sensitivity + (1 − p)·false where p of all stories are. The method is
adjusted classify-and-count (Forman, Data Mining and Knowledge Discovery 17, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confusion:
    """What a checkpoint said of stories of known truth."""

    counts: tuple[tuple[int, ...], ...]  # row the truth, column what was said, in one order
    label: int = 0  # row and column of the label whose share is looked at: negative

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """Sensitivity and false-positive rate of the label, and their variances (Jeffreys)."""
        rows = [(row[self.label], sum(row)) for row in self.counts]
        hits, size = rows[self.label]
        others = [pair for i, pair in enumerate(rows) if i != self.label]
        wrong, rest = sum(said for said, _ in others), sum(size for _, size in others)
        s, f = (hits + 0.5) / (size + 1), (wrong + 0.5) / (rest + 1)
        return s, f, s * (1 - s) / (size + 2), f * (1 - f) / (rest + 2)
