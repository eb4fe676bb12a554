"""Which label is shown in the review queue, with its propensity. Alerts never see any of this.

A rule takes the policy (N, K) and its values (N, K) and gives the propensities (N, K) of what it
would show: rows sum to 1. `shown` then draws from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

_LIKELY = 0.02  # labels less likely than this are never tried: an analyst's time is dear


class Exploration(Protocol):
    def propensities(self, policy: Tensor, values: Tensor) -> Tensor:
        """Probability (N, K) of showing each label; rows sum to 1."""
        ...


@dataclass(frozen=True, slots=True)
class NearGreedy:
    """μ = (1 − ε)·argmax + ε·softmax(z / 2) over labels of at least 2 % (LEARNING §3c)."""

    epsilon: float = 0.02

    def propensities(self, policy: Tensor, values: Tensor) -> Tensor:
        best = _greedy(policy)
        tried = torch.where((policy >= _LIKELY) | (best > 0), policy, 0).sqrt()
        return _mixed(best, tried / tried.sum(1, keepdim=True), self.epsilon)


@dataclass(frozen=True, slots=True)
class EpsilonGreedy:
    """The best value, and with ε any label: Sutton and Barto 2018, §2.2."""

    epsilon: float = 0.05

    def propensities(self, policy: Tensor, values: Tensor) -> Tensor:
        return _mixed(_greedy(values), torch.full_like(values, 1 / values.shape[1]), self.epsilon)


@dataclass(frozen=True, slots=True)
class SquareCB:
    """Inverse gap weighting: P(a) = 1 / (K + γ·(best − value_a)), the rest to the best.

    Foster and Rakhlin 2020, "Beyond UCB: Optimal and Efficient Contextual Bandits with Regression
    Oracles", arXiv 2002.04926.
    """

    gamma: float = 400.0

    def propensities(self, policy: Tensor, values: Tensor) -> Tensor:
        best, labels = _greedy(values), values.shape[1]
        gap = values.amax(1, keepdim=True) - values
        others = (1 - best) / (labels + self.gamma * gap)
        return others + best * (1 - others.sum(1, keepdim=True))


@dataclass(frozen=True, slots=True)
class OnPolicy:
    """The policy's own draw, as REINFORCE asks for."""

    def propensities(self, policy: Tensor, values: Tensor) -> Tensor:
        return policy


def shown(propensities: Tensor, draw: torch.Generator) -> Tensor:
    """Labels (N,) drawn from propensities (N, K)."""
    return torch.multinomial(propensities, 1, generator=draw).squeeze(1)


def _greedy(values: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(values.argmax(1), values.shape[1]).to(values.dtype)


def _mixed(best: Tensor, tried: Tensor, epsilon: float) -> Tensor:
    return (1 - epsilon) * best + epsilon * tried
