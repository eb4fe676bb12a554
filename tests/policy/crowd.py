"""Analysts of planted reliability, and the verdicts that they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from policy.learners.types import NONE, Feedback


@dataclass(frozen=True)
class Analyst:
    """How one of them answers: P(yes | right), P(yes | wrong), P(writes the truth | rejects)."""

    alpha: float
    kappa: float
    writes: float


GOOD, MIDDLING, POOR = Analyst(0.97, 0.04, 0.95), Analyst(0.85, 0.2, 0.8), Analyst(0.7, 0.35, 0.6)
FLIPS = Analyst(0.05, 0.95, 0.05)


@dataclass(frozen=True)
class Desk:
    """Verdicts, a model's calibrated beliefs (N, K) about the items, and the truth (N,)."""

    feedback: Feedback
    beliefs: Tensor
    truth: Tensor

    def with_gold(self, rows: Tensor) -> Desk:
        known = one_hot(self.truth, self.beliefs.shape[1]).to(self.beliefs.dtype)
        return Desk(self.feedback, torch.where(rows[:, None], known, self.beliefs), self.truth)


def desk(
    analysts: Sequence[Analyst], each: int, labels: int, seed: int, sharp: float = 2.0
) -> Desk:
    """So many verdicts each: on the likeliest label, a tenth blind, half of the rest corrected."""
    draw = torch.Generator().manual_seed(seed)
    rows = each * len(analysts)
    beliefs = torch.softmax(sharp * torch.randn(rows, labels, generator=draw), 1)
    truth = torch.multinomial(beliefs, 1, generator=draw)[:, 0]
    who = torch.arange(rows) % len(analysts)
    blind = torch.rand(rows, generator=draw) < 0.1
    shown = torch.where(blind, NONE, beliefs.argmax(1))
    alpha, kappa, writes = (
        torch.tensor([getattr(a, part) for a in analysts])[who]
        for part in ("alpha", "kappa", "writes")
    )
    confirms = torch.where(shown == truth, alpha, kappa)
    confirmed = (torch.rand(rows, generator=draw) < confirms) & ~blind
    table = ((1 - writes).clamp_min(1e-6) / (labels - 1))[:, None].repeat(1, labels)
    table[torch.arange(rows), truth] = writes.clamp(1e-6, 1)
    table[(~blind).nonzero()[:, 0], shown[~blind]] = 0
    said = torch.multinomial(table, 1, generator=draw)[:, 0]
    named = ((torch.rand(rows, generator=draw) < 0.5) | blind) & ~confirmed
    ones = torch.ones(rows)
    correction = torch.where(named, said, NONE)
    return Desk(Feedback(shown, ones, confirmed, correction, who, ones), beliefs, truth)
