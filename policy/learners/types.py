"""What every learner is given and must give: feedback in, a loss and a policy out.

A learner is a loss on the logits of one head and a reading of them. Whether the logits come from
a linear head on frozen features or from the whole transformer is not its business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

NONE = -1  # no label: blind in `shown`, none given in `correction`


@dataclass(frozen=True, slots=True)
class Feedback:
    """N verdicts about one head of K labels, as arrays. Abstentions and gold items are not here."""

    shown: Tensor  # (N,) int64, the label shown; NONE where blind
    propensity: Tensor  # (N,) float, μ(shown | x) when it was served; 1 where blind
    confirmed: Tensor  # (N,) bool
    correction: Tensor  # (N,) int64, NONE where none was given
    analyst: Tensor  # (N,) int64, row of the panel
    weight: Tensor  # (N,) float, ω of LEARNING §3a: recency, selection, influence

    def __len__(self) -> int:
        return len(self.shown)

    def take(self, indices: Tensor) -> Feedback:
        """The rows named, in that order."""
        return Feedback(
            shown=self.shown[indices],
            propensity=self.propensity[indices],
            confirmed=self.confirmed[indices],
            correction=self.correction[indices],
            analyst=self.analyst[indices],
            weight=self.weight[indices],
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """How far each of J analysts is to be believed about one head of K labels."""

    alpha: Tensor  # (J,) P(confirm | the label shown is right)
    kappa: Tensor  # (J,) P(confirm | the label shown is wrong)
    confusion: Tensor  # (J, K, K) P(correction = column | truth = row, rejected); rows sum to 1

    @classmethod
    def trusted(cls, analysts: int, labels: int) -> Panel:
        """Nobody errs: what there is before anything is known, and the naive baseline."""
        eye = torch.eye(labels).expand(analysts, labels, labels).clone()
        return cls(torch.full((analysts,), 0.999), torch.full((analysts,), 0.001), eye)


class Learner(Protocol):
    """One algorithm. Stateless: what is learned is in the logits' parameters."""

    @property
    def name(self) -> str:
        """As the command line says it."""
        ...

    @property
    def separate(self) -> bool:
        """True where the logits are a model of rewards of their own, not those of the policy."""
        ...

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        """Mean loss (a scalar with a gradient) of logits (N, K).

        `reference` (N, K) are log-probabilities of the policy that learning started from.
        """
        ...

    def anchor_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Loss (M,) of logits (M, K) on rows whose right label (M,) is known: full information."""
        ...

    def policy(self, logits: Tensor) -> Tensor:
        """The label distribution (N, K) that is served for these logits; rows sum to 1."""
        ...

    def values(self, logits: Tensor) -> Tensor:
        """Expected reward (N, K) of showing each label, in [0, 1] but for `reward_model`."""
        ...

    def select(self, logits: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        """Labels shown (N,) and their whole propensities (N, K), rows summing to 1."""
        ...
