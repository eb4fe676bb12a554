from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from policy.annotators import NAMED, newcomers, reliability, suspicion
from policy.learners.types import NONE, Feedback


@dataclass(frozen=True)
class Analyst:
    """How one of them answers: P(yes | right), P(yes | wrong), P(writes the truth | rejects)."""

    alpha: float
    kappa: float
    writes: float


GOOD, MIDDLING, POOR = Analyst(0.97, 0.04, 0.95), Analyst(0.85, 0.2, 0.8), Analyst(0.7, 0.35, 0.6)
FLIPS = Analyst(0.05, 0.95, 0.05)


@dataclass(frozen=True)
class Desk:
    """Verdicts, a model's calibrated beliefs (N, K) about the items, and the truth (N,)."""

    feedback: Feedback
    beliefs: Tensor
    truth: Tensor

    def with_gold(self, rows: Tensor) -> Desk:
        known = one_hot(self.truth, self.beliefs.shape[1]).to(self.beliefs.dtype)
        return Desk(self.feedback, torch.where(rows[:, None], known, self.beliefs), self.truth)


def desk(
    analysts: Sequence[Analyst], each: int, labels: int, seed: int, sharp: float = 2.0
) -> Desk:
    """So many verdicts each: on the likeliest label, a tenth blind, half of the rest corrected."""
    draw = torch.Generator().manual_seed(seed)
    rows = each * len(analysts)
    beliefs = torch.softmax(sharp * torch.randn(rows, labels, generator=draw), 1)
    truth = torch.multinomial(beliefs, 1, generator=draw)[:, 0]
    who = torch.arange(rows) % len(analysts)
    blind = torch.rand(rows, generator=draw) < 0.1
    shown = torch.where(blind, NONE, beliefs.argmax(1))
    alpha, kappa, writes = (
        torch.tensor([getattr(a, part) for a in analysts])[who]
        for part in ("alpha", "kappa", "writes")
    )
    confirms = torch.where(shown == truth, alpha, kappa)
    confirmed = (torch.rand(rows, generator=draw) < confirms) & ~blind
    table = ((1 - writes).clamp_min(1e-6) / (labels - 1))[:, None].repeat(1, labels)
    table[torch.arange(rows), truth] = writes.clamp(1e-6, 1)
    table[(~blind).nonzero()[:, 0], shown[~blind]] = 0
    said = torch.multinomial(table, 1, generator=draw)[:, 0]
    named = ((torch.rand(rows, generator=draw) < 0.5) | blind) & ~confirmed
    ones = torch.ones(rows)
    correction = torch.where(named, said, NONE)
    return Desk(Feedback(shown, ones, confirmed, correction, who, ones), beliefs, truth)


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


def falsehoods(told: Desk) -> Tensor:
    """Which verdicts (N,) are false."""
    given = told.feedback
    wrote = given.correction != NONE
    answer = given.confirmed != (given.shown == told.truth)
    return torch.where(wrote, given.correction != told.truth, answer)


def named_after(told: Desk, rows: Tensor) -> float:
    """False verdicts among `rows`, in order of time, until their author is named; or infinity."""
    given, false = told.feedback.take(rows), falsehoods(told)[rows]
    crossed = (suspicion(given, told.beliefs[rows]) >= NAMED).nonzero()
    return float(false[: int(crossed[0]) + 1].sum()) if len(crossed) else float("inf")


# Of a model that is right on 74 % of the headlines by topic and on 82 % by sentiment, and of one
# that has learned little and is right on 59 % and 75 %.
@pytest.mark.parametrize(
    ("labels", "sharp", "share"), [(20, 5.0, 1.0), (3, 3.0, 1.0), (20, 3.0, 0.93), (3, 2.0, 0.93)]
)
def test_an_adversary_is_named_within_fifty_of_its_false_verdicts(
    labels: int, sharp: float, share: float
) -> None:
    """False on 95 % of what it says; over 200 of them."""
    took = torch.tensor(
        [
            named_after(desk([FLIPS], 300, labels, seed, sharp), torch.arange(300))
            for seed in range(200)
        ]
    )
    assert float((took <= 50).float().mean()) >= share
    assert took.isfinite().all()


def false_of_one_name(seed: int) -> tuple[Desk, Tensor]:
    """Honest of four names, and of the fifth, which is each fifth verdict, false on 95 %."""
    honest, false = (desk([each], 500, 3, seed, sharp=3.0) for each in (GOOD, FLIPS))
    aimed = torch.arange(500) % 5 == 0
    mixed = Feedback(
        **{
            name: torch.where(aimed, getattr(false.feedback, name), getattr(honest.feedback, name))
            for name in Feedback.__slots__
        }
    )
    beliefs = torch.where(aimed[:, None], false.beliefs, honest.beliefs)
    return Desk(mixed, beliefs, torch.where(aimed, false.truth, honest.truth)), aimed


def test_who_is_false_of_one_name_alone_is_named_by_what_they_say_of_it() -> None:
    for seed in range(100):
        told, aimed = false_of_one_name(seed)
        assert named_after(told, aimed.nonzero()[:, 0]) <= 50
        assert named_after(told, (~aimed).nonzero()[:, 0]) == float("inf")
        assert named_after(told, torch.arange(500)) == float("inf")  # four in five are honest
        assert float(reliability(told.feedback, told.beliefs, 1).trust[0]) > 0.4  # nor is trust low


@pytest.mark.parametrize("labels", [3, 20])
@pytest.mark.parametrize("errs", [0.1, 0.2])
def test_honest_analysts_who_often_err_are_not_named(labels: int, errs: float) -> None:
    """A thousand histories of 500 verdicts, errors of all kinds on a tenth and a fifth of them."""
    honest = Analyst(1 - errs, errs, 1 - errs)
    rows = torch.arange(500)
    assert not any(
        named_after(desk([honest], 500, labels, seed, sharp=3.0), rows) < float("inf")
        for seed in range(1_000)
    )


def test_few_even_of_those_who_err_on_three_in_ten_are_named() -> None:
    hasty = Analyst(0.7, 0.3, 0.7)
    named = sum(
        named_after(desk([hasty], 500, 20, seed, sharp=3.0), torch.arange(500)) < float("inf")
        for seed in range(500)
    )
    assert named <= 0.04 * 500


def test_suspicion_starts_anew_with_honesty_and_is_never_below_nothing() -> None:
    told = desk([GOOD], 200, 3, seed=9, sharp=9.0)
    rising = suspicion(told.feedback, told.beliefs)
    assert float(rising.min()) == 0
    assert float(rising.max()) < NAMED / 2
    assert suspicion(told.feedback.take(torch.arange(0)), told.beliefs[:0]).shape == (0,)


def test_a_year_of_honesty_buys_an_adversary_no_credit() -> None:
    honest, false = (desk([each], 1_000, 3, 10, sharp=3.0) for each in (GOOD, FLIPS))
    alone = named_after(false, torch.arange(1_000))
    later = Desk(
        Feedback(
            **{
                name: torch.cat([getattr(d.feedback, name) for d in (honest, false)])
                for name in Feedback.__slots__
            }
        ),
        torch.cat([honest.beliefs, false.beliefs]),
        torch.cat([honest.truth, false.truth]),
    )
    slips = float(falsehoods(honest).sum())
    assert named_after(later, torch.arange(2_000)) - slips <= alone + 1
