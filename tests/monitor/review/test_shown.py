"""Which label is shown: as the learners' rule has it, drawn by the propensities that are kept."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import torch

from monitor.review import shown
from policy.learners.exploration import NearGreedy
from policy.types import SENTIMENTS, TOPICS

ROWS = (
    (TOPICS, [0.6, 0.2, 0.1, 0.05] + [0.05 / 16] * 16),
    (TOPICS, [0.05] * 20),
    (SENTIMENTS, [0.2, 0.5, 0.3]),
    (SENTIMENTS, [0.01, 0.01, 0.98]),
    (SENTIMENTS, [0.0, 1.0, 0.0]),
)


@pytest.mark.parametrize(("labels", "row"), ROWS)
def test_the_rule_is_that_of_the_learners(labels: tuple[str, ...], row: list[float]) -> None:
    policy = torch.tensor([row], dtype=torch.float64)
    wanted = NearGreedy(shown.EPSILON).propensities(policy, policy)[0].tolist()
    got = shown.near_greedy(labels, row)
    assert [got.get(label, 0.0) for label in labels] == pytest.approx(wanted, abs=1e-12)
    assert sum(got.values()) == pytest.approx(1, abs=1e-12)


def test_labels_are_drawn_as_often_as_their_propensities_say() -> None:
    chances = shown.near_greedy(SENTIMENTS, [0.4, 0.35, 0.25])
    rng = random.Random(3)
    seen = Counter(shown.drawn(chances, rng) for _ in range(50_000))
    for label, mu in chances.items():
        error = (mu * (1 - mu) / 50_000) ** 0.5
        assert seen[label] / 50_000 == pytest.approx(mu, abs=4 * error)


def test_gold_shows_a_wrong_label_half_the_time() -> None:
    chances = shown.of_gold(TOPICS, "Dividend")
    assert chances["Dividend"] == 0.5
    assert sum(chances.values()) == pytest.approx(1)
    assert min(chances.values()) > 0


def test_the_mean_importance_weight_is_near_1() -> None:
    """The policy's own probability over the propensity of what was shown, on average."""
    row = dict(zip(SENTIMENTS, (0.5, 0.3, 0.2), strict=True))
    chances = shown.near_greedy(SENTIMENTS, list(row.values()))
    rng = random.Random(4)
    weights = [
        row[one] / chances[one] for one in (shown.drawn(chances, rng) for _ in range(40_000))
    ]
    mean = sum(weights) / len(weights)
    error = (sum((w - mean) ** 2 for w in weights) ** 0.5) / len(weights)
    assert mean == pytest.approx(1, abs=4 * error)
    assert error < 0.03
