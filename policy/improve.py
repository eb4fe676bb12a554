"""The stage after the warm start: what tuning towards rewards changes, and what it buys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from policy import tune
from policy.batches import UNKNOWN, Beliefs, Rows
from policy.checkpoint import Temperatures
from policy.model import TwoHeads
from policy.reward import Rewards, mean_reward
from policy.types import SENTIMENTS

_NEGATIVE = SENTIMENTS.index("negative")
Labels = NDArray[np.int64]


def improve(
    model: TwoHeads, temperatures: Temperatures, beliefs: Beliefs, rewards: Rewards
) -> Mapping[str, Any]:
    """Tunes both choices of `model` in place, by beliefs about rows whose labels were not seen."""
    warm = (temperatures.sentiment + temperatures.sentiment_target) / 2  # the choice has only one
    parts = {
        "topic": (beliefs.topics, rewards.topic, temperatures.topic),
        "sentiment": (beliefs.sentiments, rewards.sentiment, warm),
    }
    gains = {}
    for name, (believed, table, temperature) in parts.items():
        head, choice = model.heads.get_submodule(name), model.choices.get_submodule(name)
        assert isinstance(head, nn.Linear)
        assert isinstance(choice, nn.Linear)
        tuned = tune.tune(believed, table)
        tuned.lay_over(head, choice, temperature)
        gains[name] = {key: round(value, 4) for key, value in asdict(tuned.gain).items()}
    return gains


@torch.inference_mode()
def labels_of(model: TwoHeads, pooled: Tensor) -> tuple[tuple[Labels, Labels], ...]:
    """(likeliest, chosen) labels of pooled rows, each for topic (N,) and sentiment (N,)."""
    topic, sentiment, *choices = (each.argmax(1).cpu().numpy() for each in model.answer(pooled))
    return (topic, sentiment), (choices[0], choices[1])


def earned(said: tuple[Labels, Labels], held: Rows, rewards: Rewards) -> dict[str, float]:
    """What labels earned on rows whose truth is known, and how many negatives they found."""
    answer = {}
    tables = {
        "topic": (held.topics, rewards.topic),
        "sentiment": (held.sentiments, rewards.sentiment),
    }
    for (name, (truth, table)), labels in zip(tables.items(), said, strict=True):
        if (known := truth != UNKNOWN).any():
            answer[f"{name}_reward"] = round(mean_reward(labels[known], truth[known], table), 4)
    if (bad := held.sentiments == _NEGATIVE).any():
        answer["negative_recall"] = round(float((said[1][bad] == _NEGATIVE).mean()), 4)
    return answer
