from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from toys import LABELS, feedback, logits, one, panel

from policy.learners.evidence import beliefs_after, corrected, log_evidence, rewards
from policy.learners.improvement import (
    doubly_robust,
    improved,
    informed,
    kl,
    objective,
)
from policy.learners.types import NONE
from policy.learners.verdict_likelihood import VerdictLikelihood

BETA = 0.1


def policies(rows: int, seed: int) -> torch.Tensor:
    return logits(rows, seed).detach().softmax(1)


def test_the_closed_form_is_where_ascent_ends() -> None:
    reference = policies(5, 1).log()
    reward = torch.rand(5, LABELS, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    said = torch.zeros(5, LABELS, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([said], max_iter=500, line_search_fn="strong_wolfe")

    def climb() -> torch.Tensor:
        search.zero_grad()
        loss = -objective(said.log_softmax(1), reference, reward, BETA).sum()
        loss.backward()
        return loss

    search.step(climb)
    best = improved(reference, reward, BETA)
    torch.testing.assert_close(said.detach().softmax(1), best.exp(), atol=1e-4, rtol=0.0)


def test_no_other_policy_is_better_than_the_closed_form() -> None:
    reference, reward = policies(1, 1).log(), policies(1, 2)
    best = objective(improved(reference, reward, BETA), reference, reward, BETA)
    others = policies(500, 3).log()
    assert (objective(others, reference, reward, BETA) <= best).all()


def test_the_worth_of_the_closed_form_is_the_logarithm_of_its_sum() -> None:
    """max J = β·log Σ π_ref·exp(r/β): the soft maximum."""
    reference, reward = policies(20, 1).log(), policies(20, 2)
    best = objective(improved(reference, reward, BETA), reference, reward, BETA)
    torch.testing.assert_close(best, BETA * torch.logsumexp(reference + reward / BETA, 1))


def test_divergence_is_that_of_the_library_and_never_below_nothing() -> None:
    left, right = policies(40, 1), policies(40, 2)
    wanted = torch.distributions.kl_divergence(
        torch.distributions.Categorical(left), torch.distributions.Categorical(right)
    )
    torch.testing.assert_close(kl(left.log(), right.log()), wanted)
    sure = torch.tensor([[0.0, -torch.inf], [-torch.inf, 0.0]])
    assert kl(sure, sure).tolist() == [0.0, 0.0]
    assert torch.isfinite(kl(sure, sure.flip(0))).all()


def test_rewards_are_mended_where_a_label_was_shown_and_nowhere_else() -> None:
    """q + min(1/μ, w̄)·(R̂ − q) by hand: α 0.95, κ 0.05, so a yes is worth 0.95/0.9."""
    q = torch.tensor([[0.4, 0.3, 0.2, 0.1]])
    mended = doubly_robust(q, replace(one(1, False, NONE), propensity=torch.tensor([0.5])), panel())
    assert mended[0].tolist() == pytest.approx([0.4, 0.0, 0.2, 0.1])  # 0.3 + 2·(−0.056 − 0.3) < 0
    small = torch.tensor([[0.9, 0.04, 0.03, 0.03]])
    mended = doubly_robust(small, one(0, False, NONE), panel())
    assert mended[0].tolist() == pytest.approx([0.0, 0.04, 0.03, 0.03])
    mended = doubly_robust(q, one(2, True, NONE, 1), panel())  # (1 − 0.3)/0.5 = 1.4, clipped
    assert mended[0].tolist() == pytest.approx([0.4, 0.3, 1.0, 0.1])


def test_clipping_leaves_of_a_plain_answer_whether_it_was_yes() -> None:
    """Neither the propensity nor the analyst's errors nor what was believed is left in it."""
    given = feedback(300)
    rows = rewards(given, panel()).observed.nonzero()[:, 0]
    mended = doubly_robust(policies(300, 1), given, panel())[rows]
    answers = mended.gather(1, given.shown[rows, None])[:, 0]
    assert answers.equal(given.confirmed[rows].double())


def test_rewards_stay_between_nought_and_one_and_finite() -> None:
    given = feedback(500)
    mended = doubly_robust(policies(500, 1), given, panel())
    assert torch.isfinite(mended).all()
    assert mended.min() >= 0
    assert mended.max() <= 1


def test_an_unreliable_analyst_mends_nothing() -> None:
    """α − κ of the third analyst is 0.2, below the 0.3 from which R̂ explodes."""
    given, q = feedback(200, "unreliable"), policies(200, 1)
    given = replace(given, correction=torch.full_like(given.correction, NONE))
    torch.testing.assert_close(doubly_robust(q, given, panel()), q)
    assert not informed(given, panel()).any()


def test_a_correction_makes_the_reward_what_bayes_believes() -> None:
    given, q = feedback(80), policies(80, 1)
    named = corrected(given)
    wanted = beliefs_after(q.log(), given, panel())[named]
    torch.testing.assert_close(doubly_robust(q, given, panel())[named], wanted)


def test_improvement_is_distilled_from_rows_that_say_something() -> None:
    """At the best policy on its leash the distilled loss has its minimum, 0."""
    given, reference = feedback(60), policies(60, 1).log()
    rule = VerdictLikelihood(improve=True, beta=0.3)
    best = improved(reference, doubly_robust(reference.exp(), given, panel()), 0.3)
    said = best.clone().requires_grad_()
    loss = rule.loss(said, given, panel(), reference)
    assert loss.item() == pytest.approx(0.0, abs=1e-9)
    assert torch.autograd.grad(loss, said)[0].abs().max() < 1e-9
    dull = given.take((~informed(given, panel())).nonzero()[:, 0])
    assert len(dull) > 3
    assert rule.loss(logits(len(dull)), dull, panel(), policies(len(dull), 2).log()).item() == 0


def test_the_core_loses_the_surprise_of_each_verdict() -> None:
    """−Σ ω log Σ_y p(y)·P(verdict | y), of which the slope is ω·(p − the belief after it)."""
    given, said = feedback(60), logits(60)
    policy, weight = said.detach().softmax(1), given.weight.double()
    likely = (policy * log_evidence(given, panel()).double().exp()).sum(1)
    loss = VerdictLikelihood().loss(said, given, panel(), said.detach())
    assert loss.item() == pytest.approx(float(-(weight * likely.log()).mean()))
    slopes = torch.autograd.grad(loss * 60, said)[0]
    after = beliefs_after(policy.log(), given, panel())
    torch.testing.assert_close(slopes, weight[:, None] * (policy - after), atol=1e-6, rtol=1e-5)


def test_the_best_policy_is_distilled_by_cross_entropy_whose_slope_is_bounded() -> None:
    """ω·(π − π*): forward KL, convex in the logits."""
    given, reference, said = feedback(60), policies(60, 1).log(), logits(60)
    loss = VerdictLikelihood(improve=True, beta=0.3).loss(said, given, panel(), reference)
    best = improved(reference, doubly_robust(reference.exp(), given, panel()), 0.3).exp()
    counted = given.weight.double() * informed(given, panel())
    wanted = counted[:, None] * (said.detach().softmax(1) - best)
    torch.testing.assert_close(torch.autograd.grad(loss * 60, said)[0], wanted)
