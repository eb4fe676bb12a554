"""Who is false on purpose is named soon, and who only errs is not."""

from __future__ import annotations

import pytest
import torch
from crowd import FLIPS, GOOD, Analyst, Desk, desk
from torch import Tensor

from policy.annotators import NAMED, reliability, suspicion
from policy.learners.types import NONE, Feedback


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
