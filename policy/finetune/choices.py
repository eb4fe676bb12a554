"""The reward tuning, carried over to heads that have learned something new.

The choices of a tuned policy are an affine map of its calibrated log-odds (policy/tune.py), laid
over the heads as one more linear layer. The map itself is not stored, and need not be: over heads
of full rank it is the one solution of choice = map · head. It was learned from what beliefs are
worth, not from what is believed, so new beliefs are read by the same map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from policy.checkpoint import Temperatures
from policy.model import TwoHeads
from policy.verdicts import LABELS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Map:
    """choice = weight · head + temperature · bias, in logits."""

    weight: Array  # (K, K)
    bias: Array  # (K,), in log-odds


def maps_of(model: TwoHeads, temperatures: Temperatures) -> dict[str, Map | None]:
    """The map of each head, None where the policy was never tuned."""
    return {name: _map(*_pair(model, name), _warmth(temperatures, name)) for name in LABELS}


def lay_over(model: TwoHeads, maps: dict[str, Map | None], temperatures: Temperatures) -> None:
    """Makes the choices of `model` read its heads by `maps`, at the temperatures it has now."""
    model.choose_likeliest()
    for name, each in maps.items():
        if each is not None:
            head, choice = _pair(model, name)
            weight, bias = _parameters(head)
            warm = _warmth(temperatures, name)
            with torch.no_grad():
                choice.weight.copy_(torch.from_numpy(each.weight @ weight))
                choice.bias.copy_(torch.from_numpy(each.weight @ bias + warm * each.bias))


def _map(head: nn.Linear, choice: nn.Linear, warm: float) -> Map | None:
    (weight, bias), (wanted, offset) = _parameters(head), _parameters(choice)
    if np.array_equal(weight, wanted) and np.array_equal(bias, offset):
        return None
    found = np.linalg.lstsq(weight.T, wanted.T, rcond=None)[0].T
    return Map(found.astype(np.float64), (offset - found @ bias) / warm)


def _pair(model: TwoHeads, name: str) -> tuple[nn.Linear, nn.Linear]:
    head, choice = model.heads.get_submodule(name), model.choices.get_submodule(name)
    assert isinstance(head, nn.Linear)
    assert isinstance(choice, nn.Linear)
    return head, choice


def _parameters(layer: nn.Linear) -> tuple[Array, Array]:
    weight, bias = (each.detach().double().cpu().numpy() for each in (layer.weight, layer.bias))
    return weight, bias


def _warmth(temperatures: Temperatures, head: str) -> float:
    """One a head, as policy/improve.py has it: a choice does not know whether there is a target."""
    if head == "topic":
        return temperatures.topic
    return (temperatures.sentiment + temperatures.sentiment_target) / 2
