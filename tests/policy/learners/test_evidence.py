from __future__ import annotations

import itertools
import math

import pytest
import torch
from toys import LABELS, feedback, logits, one, panel

from policy.learners.evidence import beliefs_after, corrected, log_evidence, rewards, weighted
from policy.learners.types import NONE, Feedback, Panel


def by_hand(given: Feedback, crowd: Panel, row: int, truth: int) -> float:
    """P(verdict | truth) as one would tell it: what is shown, is it confirmed, what is written."""
    who, shown, said = (int(x[row]) for x in (given.analyst, given.shown, given.correction))
    writes = [float(crowd.confusion[who, truth, label]) for label in range(LABELS)]
    if shown == NONE:
        return writes[said]
    confirms = float((crowd.alpha if shown == truth else crowd.kappa)[who])
    if given.confirmed[row]:
        return confirms
    if said == NONE:
        return 1 - confirms
    allowed = sum(p for label, p in enumerate(writes) if label != shown)
    return (1 - confirms) * writes[said] / allowed


def test_evidence_is_that_of_telling_the_story_by_hand() -> None:
    given, crowd = feedback(300), panel()
    found = log_evidence(given, crowd)
    wanted = [
        [math.log(by_hand(given, crowd, row, truth)) for truth in range(LABELS)]
        for row in range(len(given))
    ]
    torch.testing.assert_close(found, torch.tensor(wanted))


@pytest.mark.parametrize("analyst", range(3))
def test_all_that_can_be_answered_has_a_probability_of_one(analyst: int) -> None:
    """Whatever is right and whatever is shown: either every rejection is corrected, or none is."""
    crowd = panel()
    for shown in range(LABELS):
        written = [label for label in range(LABELS) if label != shown]
        yes = one(shown, True, NONE, analyst)
        for rejections in (written, [NONE]):
            answers = [yes] + [one(shown, False, label, analyst) for label in rejections]
            total = torch.stack([log_evidence(each, crowd).exp() for each in answers]).sum(0)
            torch.testing.assert_close(total, torch.ones(1, LABELS))
    blind = [one(NONE, False, label, analyst) for label in range(LABELS)]
    total = torch.stack([log_evidence(each, crowd).exp() for each in blind]).sum(0)
    torch.testing.assert_close(total, torch.ones(1, LABELS))


def test_a_verdict_is_as_likely_as_it_is_frequent() -> None:
    """Σ_y p(y)·P(verdict | y) against 200,000 answers of a simulated analyst."""
    draw = torch.Generator().manual_seed(0)
    crowd, belief, shown = panel(), torch.tensor([0.4, 0.3, 0.2, 0.1]), 1
    truth = torch.multinomial(belief, 200_000, replacement=True, generator=draw)
    confirms = torch.where(truth == shown, crowd.alpha[1], crowd.kappa[1])
    confirmed = torch.rand(len(truth), generator=draw) < confirms
    written = crowd.confusion[1][truth].clone()
    written[:, shown] = 0
    named = torch.multinomial(written, 1, generator=draw)[:, 0]
    for label in (0, 2, 3):
        likely = (log_evidence(one(shown, False, label, 1), crowd)[0].exp() * belief).sum()
        share = ((named == label) & ~confirmed).double().mean()
        assert float(likely) == pytest.approx(float(share), abs=0.004)


def test_a_correction_replaces_the_rejection_and_is_not_multiplied_to_it() -> None:
    crowd = panel()
    bare, told = (log_evidence(one(0, False, said), crowd).exp()[0] for said in (NONE, 2))
    assert float(bare[2]) == pytest.approx(0.95)
    assert float(told[2]) == pytest.approx(0.95 * 0.9 / (1 - 0.1 / 3))


def test_beliefs_after_a_verdict_are_those_of_bayes() -> None:
    given, crowd = feedback(50), panel()
    before = logits(50).detach().log_softmax(1)
    joint = before.exp() * log_evidence(given, crowd).exp().double()
    torch.testing.assert_close(
        beliefs_after(before, given, crowd), joint / joint.sum(1, keepdim=True)
    )


def test_analysts_who_never_err_are_believed_without_infinite_logarithms() -> None:
    crowd, before = Panel.trusted(1, LABELS), torch.zeros(1, LABELS).log_softmax(1)
    for shown, said in itertools.permutations(range(LABELS), 2):
        after = beliefs_after(before, one(shown, False, said), crowd)[0]
        assert torch.isfinite(after).all()
        assert int(after.argmax()) == said
        assert float(after[said]) > 0.99


def test_a_reward_cleansed_of_errors_is_right_on_average() -> None:
    """E[(r − κ)/(α − κ)] over an analyst's answers is 1 for a right label and 0 for a wrong one."""
    crowd = panel()
    yes, no = (rewards(one(0, said, NONE, 1), crowd).reward.item() for said in (True, False))
    assert 0.8 * yes + 0.2 * no == pytest.approx(1.0)
    assert 0.3 * yes + 0.7 * no == pytest.approx(0.0, abs=1e-6)
    assert yes > 1
    assert no < 0


def test_rewards_are_observed_of_reliable_analysts_on_labels_shown() -> None:
    given = feedback(200)
    found, reliable = rewards(given, panel()), given.analyst < 2  # the third has α − κ = 0.2
    assert found.observed.equal((given.shown >= 0) & ~corrected(given) & reliable)
    assert found.told.equal(corrected(given) & reliable)
    assert not (found.observed & found.told).any()


def test_sums_of_weighted_losses_add_up_over_batches_and_are_nothing_of_nothing() -> None:
    given, losses = feedback(9), torch.rand(9)
    parts = [
        weighted(losses[rows], given.take(rows)) * len(rows) for rows in torch.arange(9).split(2)
    ]
    torch.testing.assert_close(weighted(losses, given) * 9, torch.stack(parts).sum())
    assert weighted(torch.zeros(0), feedback(0)).item() == 0
