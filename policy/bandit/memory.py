"""What the desk has said so far, as learners read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from policy.bandit.desk import Answers
from policy.learners.types import Feedback


@dataclass(slots=True)
class Memory:
    """Verdicts in the order given; abstentions are dropped."""

    rows: list[Tensor] = field(default_factory=list)  # of the stream
    beliefs: list[Tensor] = field(default_factory=list)  # log-probabilities held before
    feedback: list[Feedback] = field(default_factory=list)
    false: list[Tensor] = field(default_factory=list)  # for measurement alone

    def add(
        self, rows: slice, shown: Tensor, logged: Tensor, beliefs: Tensor, answers: Answers
    ) -> None:
        heard = torch.from_numpy(answers.heard)
        whole = torch.arange(rows.start, rows.stop)
        told = Feedback(
            shown=shown,
            propensity=logged,
            confirmed=torch.from_numpy(answers.confirmed),
            correction=torch.from_numpy(answers.correction),
            analyst=torch.from_numpy(answers.analyst),
            weight=torch.ones(len(shown)),
        )
        self.rows.append(whole[heard])
        self.beliefs.append(beliefs[heard])
        self.feedback.append(told.take(heard.nonzero().squeeze(1)))
        self.false.append(torch.from_numpy(answers.false)[heard])


@dataclass(frozen=True, slots=True)
class Known:
    """The n verdicts that have come in."""

    features: Tensor  # (n, D)
    feedback: Feedback
    beliefs: Tensor  # (n, K) log-probabilities held before the verdict
    rows: Tensor  # (n,) of the stream
    false: Tensor  # (n,) bool


def known(memory: Memory, features: Tensor, until: int) -> Known:
    """Verdicts on rows of the stream before `until`."""
    rows = torch.cat(memory.rows)
    come = rows < until
    parts = [torch.cat([getattr(f, name) for f in memory.feedback]) for name in Feedback.__slots__]
    feedback = Feedback(*(part[come] for part in parts))
    beliefs, false = torch.cat(memory.beliefs)[come], torch.cat(memory.false)[come]
    return Known(features[rows[come]], feedback, beliefs, rows[come], false)
