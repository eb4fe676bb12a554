"""Values, modelled rewards, KTO and confirmations alone against the formulas of their papers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot
from toys import LABELS, feedback, logits, one, panel, slope

from policy.learners.improvement import kl
from policy.learners.policy_gradient import PolicyGradient
from policy.learners.reward_model import RewardModel
from policy.learners.rivals import ConfirmOnly, Kto
from policy.learners.types import NONE, Feedback, Panel
from policy.learners.value import Value


def repeated(yes: int, no: int) -> Feedback:
    """One label of one headline, confirmed so often and rejected so often."""
    rows = yes + no
    given = one(1, True, NONE).take(torch.zeros(rows, dtype=torch.int64))
    return replace(given, confirmed=torch.arange(rows) < yes)


def minimum(rule: Value | RewardModel, given: Feedback, crowd: Panel) -> Tensor:
    """Logits (K,) at which the loss of a single headline is smallest."""
    said = torch.zeros(1, LABELS, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([said], max_iter=200, line_search_fn="strong_wolfe")
    before = torch.zeros(len(given), LABELS)

    def climb() -> Tensor:
        search.zero_grad()
        loss = rule.loss(said.expand(len(given), -1), given, crowd, before)
        loss.backward()
        return loss

    search.step(climb)
    return said.detach()[0]


def test_a_value_becomes_the_share_of_confirmations_and_other_labels_stay() -> None:
    said = minimum(Value(), repeated(yes=7, no=3), Panel.trusted(1, LABELS))
    assert torch.sigmoid(said[1]).item() == pytest.approx(0.7, abs=1e-3)
    assert said[[0, 2, 3]].abs().max() == 0


def test_a_modelled_reward_becomes_the_mean_cleansed_of_the_analyst_s_errors() -> None:
    """α 0.8 and κ 0.3: seven yeses of ten mean (0.7 − 0.3)/0.5."""
    crowd = Panel(torch.tensor([0.8]), torch.tensor([0.3]), torch.eye(LABELS)[None])
    said = minimum(RewardModel(), repeated(yes=7, no=3), crowd)
    assert said[1].item() == pytest.approx(0.8, abs=1e-3)
    assert said[[0, 2, 3]].abs().max() == 0


def test_a_correction_tells_value_and_model_the_reward_of_every_label() -> None:
    trusted, given = Panel.trusted(1, LABELS), one(1, False, 2)
    reward = minimum(RewardModel(), given, trusted)
    torch.testing.assert_close(reward, one_hot(torch.tensor(2), LABELS).double())
    step = slope(
        Value(), torch.zeros(1, LABELS).double().requires_grad_(), given, torch.zeros(1, LABELS)
    )
    assert step[0].tolist() == pytest.approx([0.5, 0.5, -0.5, 0.5])


@pytest.mark.parametrize("rule", [Value(), RewardModel(), PolicyGradient(leash=0.0)])
def test_what_an_unreliable_analyst_writes_is_no_truth(
    rule: Value | RewardModel | PolicyGradient,
) -> None:
    given = replace(feedback(40, "corrected"), analyst=torch.full((40,), 2))
    reference = logits(40, 2).detach().log_softmax(1)
    assert slope(rule, logits(40), given, reference).abs().max() == 0


def test_a_model_of_rewards_serves_its_softmax_or_its_argmax() -> None:
    said = torch.tensor([[0.1, 0.9, 0.5]])
    soft = RewardModel(temperature=0.2).policy(said)
    torch.testing.assert_close(soft, torch.softmax(said / 0.2, 1))
    assert RewardModel(temperature=0.0).policy(said).tolist() == [[0, 1, 0]]


def test_kto_is_the_loss_of_its_paper() -> None:
    """1 − σ(β·(log π/π_ref − KL)) of a yes, 1 − σ(β·(KL − log π/π_ref)) of a no."""
    given, reference = feedback(50), logits(50, 2).detach().log_softmax(1)
    said = logits(50).detach()
    log_policy = said.log_softmax(1)
    apart = (log_policy.exp() * (log_policy - reference)).sum(1)
    weight = given.weight.double()
    usual = float((weight * apart).sum() / weight.sum())
    total = 0.0
    for row in range(50):
        yes = bool(given.confirmed[row]) or int(given.correction[row]) != NONE
        about = given.shown[row] if given.correction[row] == NONE else given.correction[row]
        gain = float(log_policy[row, about] - reference[row, about]) - usual
        away = torch.tensor(0.5 * gain if yes else -0.5 * gain)
        total += float(weight[row]) * (1 - torch.sigmoid(away).item())
    found = Kto(beta=0.5).loss(said, given, panel(), reference)
    assert found.item() == pytest.approx(total / 50, rel=1e-5)


def test_kto_measures_from_where_the_policy_is_without_being_pulled_there() -> None:
    """The KL of the batch is a number to compare with: no gradient runs through it."""
    given, reference = feedback(6, "confirmed"), logits(6, 2).detach().log_softmax(1)
    said = logits(6)
    log_policy, weight = said.log_softmax(1), given.weight.double()
    usual = float((weight * kl(log_policy.detach(), reference)).sum() / weight.sum())
    gain = (log_policy - reference).gather(1, given.shown[:, None])[:, 0] - usual
    (wanted,) = torch.autograd.grad((weight * (1 - torch.sigmoid(0.5 * gain))).sum(), said)
    torch.testing.assert_close(slope(Kto(beta=0.5), logits(6), given, reference), wanted)


def test_confirm_only_is_cross_entropy_on_what_was_confirmed_or_written() -> None:
    given, said = feedback(60), logits(60)
    known = given.confirmed | (given.correction != NONE)
    label = torch.where(given.confirmed, given.shown, given.correction)[known]
    loss = torch.nn.functional.cross_entropy(said[known], label, reduction="none")
    wanted = (given.weight.double()[known] * loss).sum() / 60
    found = ConfirmOnly().loss(said, given, panel(), torch.zeros(60, LABELS))
    torch.testing.assert_close(found, wanted)
