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
