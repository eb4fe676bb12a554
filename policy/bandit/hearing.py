"""Whom to believe, where what is believed of headlines is not well calibrated itself.

A policy that is too sure makes its own mistakes look like the analysts': of five who never erred,
each was thought to reject one right label in twenty. So the beliefs' temperature and the panel are
sought together, in turns, each raising the likelihood of the verdicts.
"""

from __future__ import annotations

import torch
from torch import Tensor

from policy.annotators import newcomers, reliability
from policy.learners.pull import temperature, tempered
from policy.learners.types import Feedback, Panel

_TURNS = 3
_RECENT = 0.5  # of the verdicts: what was believed before the first lessons says little
_FEW = 300  # verdicts of which none is left out


def panel_of(feedback: Feedback, log_beliefs: Tensor, analysts: int) -> Panel:
    """Reliabilities from beliefs (N, K) held before each of N verdicts, in order of time."""
    rows = len(feedback)
    recent = torch.arange(min(int(rows * (1 - _RECENT)), max(rows - _FEW, 0)), rows)
    heard, believed = feedback.take(recent), log_beliefs[recent]
    labels = log_beliefs.shape[1]
    panel = Panel.trusted(analysts, labels) if rows else newcomers(analysts, labels)
    for _ in range(_TURNS):
        divisor, _ = temperature(believed, heard, panel)
        panel = reliability(heard, tempered(believed, divisor).exp(), analysts).panel
    return panel
