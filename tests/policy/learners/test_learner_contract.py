"""What every learner promises, whatever its algorithm (policy/learners/types.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from toys import (
    KINDS,
    LABELS,
    OF_THE_BATCH,
    VARIANTS,
    accuracy,
    answered,
    feedback,
    logits,
    panel,
    shuffled,
    slope,
    toy,
    warm,
)

from policy.errors import DataError
from policy.learners.linear import fit
from policy.learners.registry import LEARNERS, learner
from policy.learners.types import Learner, Panel

every = pytest.mark.parametrize("name", VARIANTS)
by_rows = pytest.mark.parametrize("name", [each for each in VARIANTS if each not in OF_THE_BATCH])


def reference(rows: int) -> torch.Tensor:
    return logits(rows, seed=9).detach().log_softmax(1)


def test_every_learner_of_the_registry_is_held_to_the_contract() -> None:
    assert {each.name for each in VARIANTS.values()} == set(LEARNERS)
    assert all(learner(name).name == name for name in LEARNERS)


def test_an_unknown_learner_method_or_option_is_told_and_not_replaced() -> None:
    for name, options in (
        ("bandit", {}),
        ("value", {"beta": 1.0}),
        ("policy_gradient", {"method": "dr"}),
        ("policy_gradient", {"baseline": "critic"}),
    ):
        with pytest.raises(DataError) as caught:
            learner(name, **options)
        assert "\n" not in str(caught.value)


@every
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [0, 1, 50])
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_a_loss_is_a_finite_scalar_with_a_finite_gradient(
    name: str, kind: str, rows: int, scale: float
) -> None:
    said = logits(rows, scale=scale)
    before = logits(rows, seed=4, scale=scale).detach().log_softmax(1)
    loss = VARIANTS[name].loss(said, feedback(rows, kind), panel(), before)
    (gradient,) = torch.autograd.grad(loss, said)
    assert loss.shape == ()
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


@every
def test_a_loss_bears_analysts_who_never_err(name: str) -> None:
    said, trusted = logits(60), Panel.trusted(3, LABELS)
    loss = VARIANTS[name].loss(said, feedback(60), trusted, reference(60))
    assert torch.isfinite(torch.autograd.grad(loss, said)[0]).all()


@every
def test_nothing_said_moves_nothing(name: str) -> None:
    assert VARIANTS[name].loss(logits(0), feedback(0), panel(), reference(0)).item() == 0


@by_rows
def test_a_row_of_weight_three_is_three_rows(name: str) -> None:
    rule, times = VARIANTS[name], torch.tensor([1, 3, 2, 1, 1, 0, 4, 1])
    given, said = replace(feedback(8), weight=times.float()), logits(8)
    again = torch.arange(8).repeat_interleave(times)
    repeated = replace(given.take(again), weight=torch.ones(len(again)))
    copies = said.detach()[again].requires_grad_()
    each = slope(rule, copies, repeated, reference(8)[again])
    together = torch.zeros(8, LABELS, dtype=torch.float64).index_add(0, again, each)
    torch.testing.assert_close(slope(rule, said, given, reference(8)), together)


@every
def test_a_row_of_no_weight_is_no_row(name: str) -> None:
    given, few = feedback(12), torch.arange(9)
    weight = torch.cat([given.weight[:9], torch.zeros(3)])
    all_rows = slope(VARIANTS[name], logits(12), replace(given, weight=weight), reference(12))
    said = logits(12).detach()[:9].requires_grad_()
    without = slope(VARIANTS[name], said, given.take(few), reference(12)[:9])
    torch.testing.assert_close(all_rows[:9], without)
    assert all_rows[9:].abs().max() == 0


@every
def test_the_order_of_the_rows_does_not_matter(name: str) -> None:
    order = torch.randperm(40, generator=torch.Generator().manual_seed(3))
    said, given, before = logits(40), feedback(40), reference(40)
    turned = said.detach()[order].requires_grad_()
    torch.testing.assert_close(
        slope(VARIANTS[name], said, given, before)[order],
        slope(VARIANTS[name], turned, given.take(order), before[order]),
    )


@by_rows
@pytest.mark.parametrize("size", [1, 2, 4])
def test_eight_rows_teach_the_same_in_one_batch_and_in_several(name: str, size: int) -> None:
    rule, said, given = VARIANTS[name], logits(8), feedback(8)
    parts = [
        slope(rule, said.detach()[some].requires_grad_(), given.take(some), reference(8)[some])
        for some in torch.arange(8).split(size)
    ]
    torch.testing.assert_close(slope(rule, said, given, reference(8)), torch.cat(parts))


@pytest.mark.parametrize("name", [each for each in VARIANTS if VARIANTS[each].name not in
                                  ("confirm_only", "kto")])  # fmt: skip
def test_whoever_says_nothing_of_the_truth_moves_no_learner(name: str) -> None:
    """An analyst who answers by the throw of a coin, from where learning starts."""
    coin = Panel(
        torch.full((3,), 0.5),
        torch.full((3,), 0.5),
        torch.full((3, LABELS, LABELS), 1 / LABELS),
    )
    rule, said = VARIANTS[name], logits(40)
    before = said.detach().log_softmax(1)
    given = feedback(40, "rejected")
    (gradient,) = torch.autograd.grad(rule.loss(said, given, coin, before), said)
    assert gradient.abs().max() < 1e-9


@every
def test_a_policy_is_a_distribution_and_so_is_what_is_shown(name: str) -> None:
    for scale in (0.0, 3.0, 300.0):
        said = logits(200, scale=scale).detach().float()
        labels, propensities = VARIANTS[name].select(said, torch.Generator().manual_seed(0))
        for table in (VARIANTS[name].policy(said), propensities):
            assert table.shape == (200, LABELS)
            assert (table >= 0).all()
            torch.testing.assert_close(table.sum(1), torch.ones(200), atol=1e-5, rtol=0.0)
        assert (propensities.gather(1, labels[:, None]) > 0).all()


@every
def test_the_same_generator_shows_the_same_labels(name: str) -> None:
    said = logits(300, scale=0.3).detach()
    first, same, other = (
        VARIANTS[name].select(said, torch.Generator().manual_seed(seed))[0] for seed in (5, 5, 6)
    )
    assert first.equal(same)
    assert not first.equal(other)


@every
def test_values_rank_labels_as_the_policy_does(name: str) -> None:
    said = logits(100).detach()
    rule = VARIANTS[name]
    assert rule.values(said).argmax(1).equal(rule.policy(said).argmax(1))


@every
def test_nothing_is_shown_of_no_headlines(name: str) -> None:
    labels, propensities = VARIANTS[name].select(torch.zeros(0, LABELS), torch.Generator())
    assert labels.shape == (0,)
    assert propensities.shape == (0, LABELS)


@every
def test_a_known_label_is_learned_from_anchors(name: str) -> None:
    known = torch.tensor([2, 0, 1])
    said = torch.zeros(3, LABELS, requires_grad=True)
    loss = VARIANTS[name].anchor_loss(said, known)
    assert loss.shape == (3,)
    (gradient,) = torch.autograd.grad(loss.sum(), said)
    assert gradient.argmin(1).equal(known)  # downhill is up for the right label alone
    assert (gradient < 0).sum() == 3


def learned(rule: Learner, seed: int, corrections: float) -> tuple[float, float]:
    """Accuracy at the start and after 600 verdicts on what the learner itself chose to show."""
    known, judged, test = toy(12, seed), toy(600, seed + 1), toy(1_000, seed + 2)
    start = warm(rule, known)
    labels, table = rule.select(start.logits(judged.features), torch.Generator().manual_seed(seed))
    propensities = table.gather(1, labels[:, None])[:, 0]
    given = answered(judged.truth, labels, propensities, seed, corrections)
    head = fit(rule, judged.features, given, panel(), None, start)
    return accuracy(rule, start, test), accuracy(rule, head, test)


@every
@pytest.mark.parametrize("corrections", [0.0, 0.5])
def test_honest_answers_make_every_learner_better(name: str, corrections: float) -> None:
    runs = [learned(VARIANTS[name], seed, corrections) for seed in (10, 20, 30)]
    before, after = (sum(each) / len(runs) for each in zip(*runs, strict=True))
    assert after > before + 0.1


def by_uniform_labels(rule: Learner, seed: int, shuffle: bool) -> float:
    """What 600 verdicts on labels shown at random add to the accuracy.

    What a learner shows is a guess of its own, and to be told anything of it at random still is to
    train oneself on it. Labels drawn at random know nothing: only the answers can.
    """
    known, judged, test = toy(12, seed), toy(600, seed + 1), toy(1_000, seed + 2)
    start = warm(rule, known)
    labels = torch.randint(LABELS, (600,), generator=torch.Generator().manual_seed(seed))
    given = answered(judged.truth, labels, torch.full((600,), 1 / LABELS), seed)
    given = shuffled(given, seed) if shuffle else given
    head = fit(rule, judged.features, given, panel(), None, start)
    return accuracy(rule, head, test) - accuracy(rule, start, test)


@every
def test_shuffled_answers_make_no_learner_better(name: str) -> None:
    honest, control = (
        sum(by_uniform_labels(VARIANTS[name], seed, shuffle) for seed in (10, 20, 30)) / 3
        for shuffle in (False, True)
    )
    assert honest > 0.1
    assert control < 0.02
