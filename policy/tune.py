"""The reinforcement-learning stage: the policy that acts, tuned towards rewards.

Maximises E_x[ Σ_a π(a|x)·r(x,a) − β·KL(π(·|x) ‖ π_ref(·|x)) ] with r(x,a) = Σ_y q(y|x)·R[y,a].
All labels are enumerated, so nothing is sampled and the optimum is known in closed form,

    π*(a|x) ∝ π_ref(a|x)·exp(r(x,a)/β),

towards which the policy is distilled: ascending the expected reward itself has plateaus (Chen et
al. 2019, "Surrogate Objectives for Batch Policy Optimization in One-step Decision Making"). The
heads that believe stay as they are; only the choices move, over a frozen encoder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from torch import Tensor, nn

from policy.reward import expected_reward

BETA = 0.1  # nats of divergence from the warm start that a reward of 1 is worth
_PULL = 3e-4  # L2 towards the warm start
_ROUNDS = 60  # of L-BFGS; the loss is convex in the weights of a linear head
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gain:
    """What tuning bought on the rows it was tuned on, by the beliefs it was tuned with."""

    reward_before: float  # expected, of the likeliest label
    reward_after: float  # expected, of the label chosen
    divergence: float  # mean KL from the warm start in nats
    changed: float  # part of the rows with another label


def best_policy(reference: Array, rewards: Array, beta: float = BETA) -> Array:
    """π* (N, K) of log-probabilities of the reference (N, K) and rewards (N, K)."""
    return np.asarray(softmax(reference + rewards / beta, axis=1))


def tune(head: nn.Linear, choice: nn.Linear, rows: Rows, beta: float = BETA) -> Gain:
    """Fits `choice` towards π*, starting from `head`, the warm start."""
    choice.load_state_dict(head.state_dict())
    with torch.no_grad():
        logits = head(rows.pooled).double().numpy() / rows.temperatures
    reference = log_softmax(logits, axis=1)
    rewards = expected_reward(rows.beliefs, rows.table)
    _distil(choice, head, rows, best_policy(reference, rewards, beta))
    return _gain(choice, rows, reference, rewards)


@dataclass(frozen=True, slots=True)
class Rows:
    """What one head is tuned on."""

    pooled: Tensor  # (N, D), the encoder's answer
    beliefs: Array  # (N, K), calibrated, from a policy that does not know the rows
    table: Array  # (K, K)
    temperatures: Array  # (N, 1) of the head, a row


def _distil(choice: nn.Linear, head: nn.Linear, rows: Rows, wanted: Array) -> None:
    target = torch.from_numpy(wanted).float()
    warm = torch.from_numpy(rows.temperatures).float()
    start = [each.detach().clone() for each in head.parameters()]
    choice.requires_grad_(True)
    optimizer = torch.optim.LBFGS(
        choice.parameters(), max_iter=_ROUNDS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        said = torch.log_softmax(choice(rows.pooled) / warm, -1)
        fit = -(target * said).sum(1).mean()
        pull = sum(
            ((now - then) ** 2).sum() for now, then in zip(choice.parameters(), start, strict=True)
        )
        total: Tensor = fit + _PULL * pull
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    choice.requires_grad_(False)


def _gain(choice: nn.Linear, rows: Rows, reference: Array, rewards: Array) -> Gain:
    with torch.no_grad():
        tuned = log_softmax(choice(rows.pooled).double().numpy() / rows.temperatures, axis=1)
    before, after = reference.argmax(1), tuned.argmax(1)
    index = np.arange(len(rewards))
    return Gain(
        float(rewards[index, before].mean()),
        float(rewards[index, after].mean()),
        float((np.exp(tuned) * (tuned - reference)).sum(1).mean()),
        float((before != after).mean()),
    )
