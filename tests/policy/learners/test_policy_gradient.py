"""Policy gradients against the formulas of their papers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot
from toys import LABELS, feedback, logits, one, panel, slope

from policy.learners.evidence import rewards
from policy.learners.improvement import WEIGHT_CAP, doubly_robust, kl
from policy.learners.policy_gradient import PolicyGradient
from policy.learners.types import NONE, Feedback, Panel


def on_policy(reference: Tensor, truth: Tensor, seed: int) -> Feedback:
    """Labels drawn by the reference itself, answered by somebody who never errs."""
    draw = torch.Generator().manual_seed(seed)
    shown = torch.multinomial(reference.exp(), 1, generator=draw)
    return Feedback(
        shown[:, 0],
        reference.exp().gather(1, shown)[:, 0],
        shown[:, 0] == truth,
        torch.full_like(truth, NONE),
        torch.zeros_like(truth),
        torch.ones(len(truth)),
    )


@pytest.mark.parametrize("method", ["reinforce", "ppo"])
@pytest.mark.parametrize("baseline", ["reference", "others", "none"])
def test_on_policy_the_gradient_is_that_of_the_expected_reward(method: str, baseline: str) -> None:
    """REINFORCE: over many draws −∇ E[R], and ∇ E[R] = π(y)·(e_y − π) where y is right."""
    rows = 200_000
    policy = torch.tensor([0.35, 0.25, 0.2, 0.2], dtype=torch.float64)
    said = policy.log().expand(rows, -1).clone().requires_grad_()
    truth = torch.zeros(rows, dtype=torch.int64)
    given = on_policy(said.detach(), truth, seed=4)
    rule = PolicyGradient(method=method, baseline=baseline)
    loss = rule.loss(said, given, Panel.trusted(1, LABELS), said.detach())
    gradient = torch.autograd.grad(loss, said)[0].sum(0)
    wanted = -policy[0] * (one_hot(torch.tensor(0), LABELS) - policy)
    torch.testing.assert_close(gradient, wanted, atol=4e-3, rtol=0.0)


@pytest.mark.parametrize("answer", ["confirmed", "rejected"])
def test_where_all_answers_are_alike_the_others_leave_nothing_to_learn(answer: str) -> None:
    given = feedback(40, answer)
    given = replace(given, analyst=torch.zeros_like(given.analyst))
    before = logits(40).detach().log_softmax(1)
    moved = {
        baseline: slope(PolicyGradient(baseline=baseline, leash=0.0), logits(40), given, before)
        for baseline in ("none", "others")
    }
    assert moved["others"].abs().max() < 1e-6
    assert moved["none"].abs().max() > 1e-3


def test_the_others_of_a_row_are_those_observed_and_never_itself() -> None:
    given = feedback(30)
    found = rewards(given, panel())
    reward = found.reward.double()
    counted = given.weight.double() * found.observed
    baseline = PolicyGradient(baseline="others")._baseline(reward, counted, logits(30))
    for row in range(30):
        others = [i for i in range(30) if i != row and found.observed[i]]
        weight = given.weight.double()[others]
        wanted = float((weight * reward[others]).sum() / weight.sum())
        assert float(baseline[row]) == pytest.approx(wanted)
    alone = PolicyGradient(baseline="others")._baseline(reward[:1], counted[:1], logits(1))
    assert alone.item() == 0


def test_ppo_stops_where_the_ratio_has_moved_far_enough_in_the_right_direction() -> None:
    reference = torch.full((1, LABELS), 0.25, dtype=torch.float64).log()
    rule = PolicyGradient(method="ppo", leash=0.0, clip=0.2)

    def moves(probability: float, confirmed: bool) -> bool:
        rest = (1 - probability) / (LABELS - 1)
        said = torch.tensor([[probability, rest, rest, rest]], dtype=torch.float64).log()
        given = replace(one(0, confirmed, NONE), propensity=torch.tensor([0.25]))
        return bool(slope(rule, said.requires_grad_(), given, reference).abs().max() > 1e-9)

    assert moves(0.29, confirmed=True)
    assert not moves(0.31, confirmed=True)  # 0.31/0.25 is over 1.2: praised enough
    assert moves(0.21, confirmed=False)
    assert not moves(0.19, confirmed=False)
    assert moves(0.31, confirmed=False)  # moved the wrong way: free to come back
    assert moves(0.19, confirmed=True)


def test_where_it_starts_ppo_steps_as_reinforce_does() -> None:
    """Its ratio is 1 there, and π_ref/μ weighs what another policy has shown."""
    given = feedback(60)
    given = replace(given, propensity=given.propensity.clamp_min(1 / WEIGHT_CAP))
    before = logits(60).detach().log_softmax(1)
    steps = [
        slope(PolicyGradient(method=method), logits(60), given, before)  # type: ignore[arg-type]
        for method in ("reinforce", "ppo")
    ]
    torch.testing.assert_close(*steps)


def test_the_baseline_of_a_headline_is_what_the_start_expects_of_its_own_draw() -> None:
    before = torch.tensor([[0.5, 0.3, 0.2, 0.0], [0.25, 0.25, 0.25, 0.25]]).log()
    nothing = torch.zeros(2)
    found = PolicyGradient()._baseline(nothing, nothing, before)
    assert found.tolist() == pytest.approx([0.38, 0.25])


def test_importance_weights_of_policy_gradients_are_capped() -> None:
    reference = torch.full((1, LABELS), 0.25, dtype=torch.float64).log()
    rule = PolicyGradient(leash=0.0)
    steps = [
        slope(
            rule,
            reference.clone().requires_grad_(),
            replace(one(0, True, NONE), propensity=torch.tensor([propensity])),
            reference,
        )
        for propensity in (1.0, 1 / WEIGHT_CAP, 0.001)
    ]
    torch.testing.assert_close(steps[1], WEIGHT_CAP * steps[0])
    torch.testing.assert_close(steps[2], steps[1])


def test_all_labels_at_once_is_the_exact_gradient_of_what_rewards_are_believed_to_be() -> None:
    given, reference = feedback(40, "corrected"), logits(40, 2).detach().log_softmax(1)
    found = slope(PolicyGradient(method="all-action", leash=0.1), logits(40), given, reference)
    said = logits(40)
    policy = said.softmax(1)
    worth = (policy * doubly_robust(reference.exp(), given, panel())).sum(1)
    loss = given.weight.double() * (0.1 * kl(policy.log(), reference) - worth)
    torch.testing.assert_close(found, torch.autograd.grad(loss.sum(), said)[0])


def test_the_leash_alone_pulls_back_to_the_reference() -> None:
    given, reference = feedback(20, "unreliable"), logits(20, 2).detach().log_softmax(1)
    said = logits(20)
    found = slope(PolicyGradient(leash=0.5), said, given, reference)
    again = logits(20)
    wanted = 0.5 * given.weight.double() * kl(again.log_softmax(1), reference)
    torch.testing.assert_close(found, torch.autograd.grad(wanted.sum(), again)[0])
