"""The reinforcement-learning stage: the policy that acts, tuned towards rewards.

Maximises E_x[ Σ_a π(a|x)·r(x,a) − β·KL(π(·|x) ‖ π_ref(·|x)) ] with r(x,a) = Σ_y q(y|x)·R[y,a].
All labels are enumerated, so nothing is sampled and the optimum is known in closed form,

    π*(a|x) ∝ π_ref(a|x)·exp(r(x,a)/β),

towards which the policy is distilled: ascending the expected reward itself has plateaus (Chen et
al. 2019, "Surrogate Objectives for Batch Policy Optimization in One-step Decision Making").

What is learned is an affine map of calibrated log-odds, from beliefs about rows whose labels the
policy that believes had not seen. It is then laid over the heads of the policy that is served:
log-odds mean the same in both, where the encoder's states do not, since a policy knows the rows
that it was trained on (LOG.md, "Choices learned from the states of known rows").
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
_ROUNDS = 100  # of L-BFGS; the loss is convex in an affine map
_LEAST = 1e-9  # probability
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


@dataclass(frozen=True, slots=True)
class Tuned:
    """The policy that acts: softmax(weight · u + bias) of centred log-odds u (K,)."""

    weight: Array  # (K, K)
    bias: Array  # (K,)
    gain: Gain

    def lay_over(self, head: nn.Linear, choice: nn.Linear, temperature: float) -> None:
        """Makes `choice` act on the states that `head` reads; its logits over `temperature`."""
        size = len(self.bias)
        centred = torch.from_numpy(self.weight @ (np.eye(size) - 1 / size)).to(head.weight)
        with torch.no_grad():
            choice.weight.copy_(centred @ head.weight)
            bias = torch.from_numpy(self.bias).to(head.bias)
            choice.bias.copy_(centred @ head.bias + temperature * bias)


def tune(beliefs: Array, table: Array, beta: float = BETA) -> Tuned:
    """The policy towards π*, with `beliefs` (N, K) as warm start and as what to expect of rows."""
    reference = np.log(np.maximum(beliefs, _LEAST))
    odds = reference - reference.mean(axis=1, keepdims=True)
    rewards = expected_reward(beliefs, table)
    weight, bias = _distil(odds, best_policy(reference, rewards, beta))
    acting = log_softmax(odds @ weight.T + bias, axis=1)
    return Tuned(weight, bias, _gain(log_softmax(reference, axis=1), acting, rewards))


def _distil(odds: Array, wanted: Array) -> tuple[Array, Array]:
    """The affine map whose softmax is nearest to `wanted` (N, K), starting from none at all."""
    size = odds.shape[1]
    seen, target = torch.from_numpy(odds), torch.from_numpy(wanted)
    start = torch.eye(size, dtype=torch.float64)
    weight, bias = start.clone().requires_grad_(), torch.zeros(size, dtype=torch.float64)
    bias.requires_grad_()
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        said = torch.log_softmax(seen @ weight.T + bias, -1)
        pull = ((weight - start) ** 2).sum() + (bias**2).sum()
        total: Tensor = _PULL * pull - (target * said).sum(1).mean()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach().numpy(), bias.detach().numpy()


def _gain(reference: Array, acting: Array, rewards: Array) -> Gain:
    before, after = reference.argmax(1), acting.argmax(1)
    index = np.arange(len(rewards))
    return Gain(
        float(rewards[index, before].mean()),
        float(rewards[index, after].mean()),
        float((np.exp(acting) * (acting - reference)).sum(1).mean()),
        float((before != after).mean()),
    )
