"""What the desk has said so far, as learners read it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from policy.bandit.desk import Answers
from policy.learners.types import Feedback


@dataclass(frozen=True, slots=True)
class Known:
    """The n verdicts that have come in."""

    features: Tensor  # (n, D)
    feedback: Feedback
    beliefs: Tensor  # (n, K) log-probabilities held before the verdict
    rows: Tensor  # (n,) of the stream
    false: Tensor  # (n,) bool, an adversary said the opposite; for measurement alone


class Memory:
    """Verdicts on a stream of N rows, in the order given; abstentions are dropped."""

    def __init__(self, features: Tensor, labels: int) -> None:
        rows = len(features)
        whole, flags = (torch.zeros(rows, dtype=kind) for kind in (torch.int64, torch.bool))
        self._count = 0
        self._all = Known(
            features=torch.zeros_like(features),
            feedback=Feedback(
                shown=whole.clone(),
                propensity=torch.zeros(rows),
                confirmed=flags.clone(),
                correction=whole.clone(),
                analyst=whole.clone(),
                weight=torch.ones(rows),
            ),
            beliefs=torch.zeros(rows, labels),
            rows=whole.clone(),
            false=flags.clone(),
        )
        self._features = features

    def add(
        self, rows: slice, shown: Tensor, logged: Tensor, beliefs: Tensor, answers: Answers
    ) -> None:
        """Answers about these rows of the stream, with the propensities that were logged."""
        heard = torch.from_numpy(answers.heard).nonzero().squeeze(1)
        here = slice(self._count, self._count + len(heard))
        self._count, kept = here.stop, self._all
        kept.features[here] = self._features[rows][heard]
        kept.beliefs[here] = beliefs[heard]
        kept.rows[here] = heard + rows.start
        kept.false[here] = torch.from_numpy(answers.false)[heard]
        told = {"shown": shown, "propensity": logged}
        told |= {
            name: torch.from_numpy(getattr(answers, name))
            for name in ("confirmed", "correction", "analyst")
        }
        for name, values in told.items():
            getattr(kept.feedback, name)[here] = values[heard]

    def known(self, until: int) -> Known:
        """Verdicts on rows of the stream before `until`; what is not touched is not copied."""
        count = int(torch.searchsorted(self._all.rows[: self._count], until))
        kept, come = self._all, slice(count)
        feedback = Feedback(*(getattr(kept.feedback, name)[come] for name in Feedback.__slots__))
        return Known(
            kept.features[come], feedback, kept.beliefs[come], kept.rows[come], kept.false[come]
        )
