from __future__ import annotations

import pytest
import torch
from toys import logits

from policy.learners.exploration import (
    EpsilonGreedy,
    Exploration,
    NearGreedy,
    OnPolicy,
    SquareCB,
    shown,
)

RULES = {
    "near-greedy": NearGreedy(),
    "epsilon-greedy": EpsilonGreedy(),
    "squarecb": SquareCB(),
    "squarecb-flat": SquareCB(gamma=0.0),
    "on-policy": OnPolicy(),
}
every = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def policies(rows: int, labels: int = 20) -> torch.Tensor:
    return logits(rows, labels=labels).detach().softmax(1)


@every
@pytest.mark.parametrize("hostile", [0.0, 1e-30, 50.0, -50.0, 1e6])
def test_propensities_are_a_distribution_whatever_the_values(
    rule: Exploration, hostile: float
) -> None:
    """Vowpal Wabbit 1839, 3680: probabilities over 1, and a rule whose sum was not 1."""
    policy = policies(100)
    values = policy.clone()
    values[:, 3] = hostile
    found = rule.propensities(policy, values)
    assert found.min() >= 0
    torch.testing.assert_close(found.sum(1), torch.ones(100, dtype=found.dtype))


def test_near_greedy_never_tries_what_is_unlikely_and_rarely_what_is_not_the_best() -> None:
    policy = torch.tensor([[0.6, 0.25, 0.135, 0.015]])
    found = NearGreedy(epsilon=0.02).propensities(policy, policy)[0]
    roots = policy[0, :3].sqrt()
    wanted = 0.02 * roots / roots.sum()  # softmax(z / 2) over the labels of at least 2 %
    assert found[3] == 0
    torch.testing.assert_close(found[1:3], wanted[1:])
    assert float(found[0]) == pytest.approx(0.98 + float(wanted[0]))


def test_near_greedy_shows_the_best_where_everything_is_unlikely() -> None:
    policy = torch.full((1, 100), 0.01)
    assert NearGreedy().propensities(policy, policy)[0, 0] == 1


def test_epsilon_greedy_is_greedy_by_values_and_else_uniform() -> None:
    policy, values = torch.tensor([[0.7, 0.2, 0.1]]), torch.tensor([[0.1, 0.5, 0.2]])
    found = EpsilonGreedy(0.3).propensities(policy, values)
    torch.testing.assert_close(found, torch.tensor([[0.1, 0.8, 0.1]]))


def test_squarecb_weighs_by_the_inverse_of_the_gap() -> None:
    values = torch.tensor([[0.9, 0.4, 0.8]])
    found = SquareCB(gamma=10.0).propensities(values, values)[0]
    assert float(found[1]) == pytest.approx(1 / (3 + 10 * 0.5))
    assert float(found[2]) == pytest.approx(1 / (3 + 10 * 0.1))
    assert float(found[0]) == pytest.approx(1 - 1 / 8 - 1 / 4)


@every
def test_labels_are_shown_as_often_as_their_propensity(rule: Exploration) -> None:
    policy = torch.tensor([[0.5, 0.3, 0.15, 0.05]])
    table = rule.propensities(policy, policy).expand(40_000, -1)
    drawn = torch.bincount(shown(table, torch.Generator().manual_seed(0)), minlength=4) / 40_000
    torch.testing.assert_close(drawn, table[0], atol=0.01, rtol=0.0)


@pytest.mark.parametrize("rule", [EpsilonGreedy(), SquareCB()])
def test_importance_weights_have_a_mean_of_one(rule: Exploration) -> None:
    policy = policies(30_000, labels=4)
    table = rule.propensities(policy, policy)
    labels = shown(table, torch.Generator().manual_seed(7))[:, None]
    ratio = (policy.gather(1, labels) / table.gather(1, labels))[:, 0]
    assert float(ratio.mean()) == pytest.approx(1.0, abs=4 * float(ratio.std()) / 30_000**0.5)
