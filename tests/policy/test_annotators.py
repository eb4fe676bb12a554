"""What verdicts say of those who give them: planted figures are found again."""

from __future__ import annotations

import pytest
import torch
from crowd import FLIPS, GOOD, MIDDLING, POOR, Analyst, desk

from policy.annotators import newcomers, reliability
from policy.learners.types import NONE, Feedback


@pytest.mark.parametrize("labels", [3, 20])
def test_planted_reliabilities_are_recovered(labels: int) -> None:
    """From four known answers in fifteen, and what a model right on three in five believes."""
    crowd = [GOOD, MIDDLING, POOR, GOOD]
    told = desk(crowd, 1_500, labels, seed=1, sharp=2.0 if labels == 3 else 3.0)
    told = told.with_gold(torch.arange(len(told.truth)) % 15 < 4)
    found = reliability(told.feedback, told.beliefs, len(crowd))
    for row, analyst in enumerate(crowd):
        assert float(found.panel.alpha[row]) == pytest.approx(analyst.alpha, abs=0.07)
        assert float(found.panel.kappa[row]) == pytest.approx(analyst.kappa, abs=0.1)
        diagonal = found.panel.confusion[row].diagonal().mean()
        assert float(diagonal) == pytest.approx(analyst.writes, abs=0.08)
    torch.testing.assert_close(
        found.panel.confusion.sum(2), torch.ones(len(crowd), labels), atol=1e-5, rtol=0.0
    )


def test_analysts_are_ranked_by_trust_and_an_adversary_has_less_than_none() -> None:
    told = desk([GOOD, MIDDLING, POOR, FLIPS], 800, 3, seed=2)
    trust = reliability(told.feedback, told.beliefs, 4).trust
    assert trust.argsort(descending=True).tolist() == [0, 1, 2, 3]
    assert float(trust[3]) < -0.2


def test_beliefs_about_the_items_are_better_with_what_analysts_say() -> None:
    told = desk([GOOD, MIDDLING, FLIPS], 600, 3, seed=3)
    after = reliability(told.feedback, told.beliefs, 3).beliefs
    before = (told.beliefs.argmax(1) == told.truth).float().mean()
    assert float((after.argmax(1) == told.truth).float().mean()) > float(before) + 0.1


def test_gold_items_sharpen_what_is_known_of_an_analyst() -> None:
    """Known answers on a third of the items: nearer to the truth, over a dozen crowds."""
    wrong = {"without": 0.0, "with": 0.0}
    for seed in range(12):
        told = desk([MIDDLING, POOR], 200, 3, seed=seed, sharp=1.0)
        gold = told.with_gold(torch.arange(len(told.truth)) % 6 < 2)
        for name, each in (("without", told), ("with", gold)):
            trust = reliability(each.feedback, each.beliefs, 2).trust
            planted = torch.tensor([a.alpha - a.kappa for a in (MIDDLING, POOR)])
            wrong[name] += float((trust - planted).abs().sum())
    assert wrong["with"] < 0.75 * wrong["without"]


def test_more_verdicts_leave_less_doubt() -> None:
    few, many = (
        reliability(each.feedback, each.beliefs, 1).doubt
        for each in (desk([GOOD], size, 3, seed=4) for size in (40, 1_000))
    )
    assert float(many[0]) < 0.5 * float(few[0])


def test_verdicts_on_the_same_headline_bear_on_each_other() -> None:
    """Three honest analysts contradict a fourth on items that the model knows nothing about."""
    draw = torch.Generator().manual_seed(5)
    items = torch.arange(200).repeat_interleave(4)
    truth = torch.randint(3, (200,), generator=draw)[items]
    who = torch.arange(800) % 4
    shown = torch.randint(3, (200,), generator=draw)[items]
    confirmed = (shown == truth) ^ (who == 3)
    ones = torch.ones(800)
    given = Feedback(shown, ones, confirmed, torch.full_like(who, NONE), who, ones)
    ignorant = torch.full((800, 3), 1 / 3)
    together = reliability(given, ignorant, 4, items).trust
    apart = reliability(given, ignorant, 4).trust
    assert (together[:3] > 0.9).all()
    assert float(together[3]) < -0.5
    assert float(apart[3]) > 0.3  # nothing says that it is the fourth who errs


def test_before_any_verdict_there_are_the_priors() -> None:
    nothing = desk([GOOD], 0, 3, seed=0)
    found = reliability(nothing.feedback, nothing.beliefs, 2)
    expected = newcomers(2, 3)
    for name in ("alpha", "kappa", "confusion"):
        torch.testing.assert_close(getattr(found.panel, name), getattr(expected, name))
    assert expected.alpha.tolist() == pytest.approx([0.95, 0.95])
    assert expected.confusion.sum(2).flatten().tolist() == pytest.approx([1.0] * 6)


def test_means_are_reckoned_and_never_modes() -> None:
    """The mode of Beta(19, 1) is 1: a newcomer would be held to be without fault."""
    told = desk([Analyst(1.0, 0.0, 1.0)], 300, 3, seed=6)
    panel = reliability(told.feedback, told.beliefs, 1).panel
    assert 0.95 < float(panel.alpha[0]) < 1
    assert 0 < float(panel.kappa[0]) < 0.05


def test_what_is_written_of_rejected_right_labels_does_not_tell_how_well_one_writes() -> None:
    """Whoever rejects a right label must write another one; shown a wrong label they are good."""
    told = desk([Analyst(0.6, 0.05, 0.95)], 4_000, 3, seed=7)
    told = told.with_gold(torch.ones(4_000, dtype=torch.bool))
    confusion = reliability(told.feedback, told.beliefs, 1).panel.confusion[0]
    assert float(confusion.diagonal().mean()) == pytest.approx(0.95, abs=0.03)


def test_analysts_who_only_answer_blind_are_told_apart() -> None:
    told = desk([GOOD, POOR], 600, 3, seed=8)
    blind = Feedback(
        torch.full_like(told.feedback.shown, NONE),
        told.feedback.propensity,
        torch.zeros_like(told.feedback.confirmed),
        torch.where(told.feedback.analyst == 0, told.truth, (told.truth + 1) % 3),
        told.feedback.analyst,
        told.feedback.weight,
    )
    writes = reliability(blind, told.beliefs, 2).panel.confusion.diagonal(dim1=1, dim2=2).mean(1)
    assert float(writes[0]) > 0.95
    assert float(writes[1]) < 0.3
