"""The gate against candidates and analysts who should not get through, in a small size.

tests/bench/bench_gate.py is the same in full: 10,000 candidates, with intervals.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import median

import pytest
from gate_desk import DESK, judged, truths

from policy.gate.evidence import Evidence
from policy.gate.probation import watch
from policy.gate.promotion import MOST, rule, share
from policy.gate.types import Comparison, Ruling

Made = Callable[[random.Random], list[Comparison]]


def candidate(gain: float, differing: float = 0.08, liars: dict[str, int] | None = None) -> Made:
    return lambda draw: judged(truths(MOST, gain, differing, draw), draw, liars=liars)


def rulings(made: Made, runs: int, seed: int = 1) -> list[Ruling]:
    draw = random.Random(seed)
    return [rule(made(draw), test=1) for _ in range(runs)]


def promoted(some: list[Ruling]) -> int:
    return sum(each.state == "promoted" for each in some)


def needed(some: list[Ruling], state: str) -> float:
    """Median of the verdicts until then, of all runs."""
    return median(each.figures["judged"] if each.state == state else 10**6 for each in some)


def test_candidates_that_are_no_better_are_promoted_one_time_in_twenty_at_most() -> None:
    assert promoted(rulings(candidate(0), 250)) <= 12


@pytest.mark.parametrize("differing", [0.08, 0.15])
def test_candidates_that_are_worse_are_not_promoted(differing: float) -> None:
    assert promoted(rulings(candidate(-0.01, differing), 80)) <= 1
    assert promoted(rulings(candidate(-0.05, differing), 80)) == 0


def test_two_points_are_certified_within_ninety_verdicts() -> None:
    better = rulings(candidate(0.02), 150)
    assert promoted(better) >= 145
    assert needed(better, "promoted") <= 90


def test_a_candidate_picked_for_its_luck_has_to_prove_itself_anew() -> None:
    """The best of ten by 24 past disagreements would be promoted by those; here it starts at 0."""
    draw = random.Random(2)
    lucky = [max(sum(truths(24, 0, 0.08, draw)) for _ in range(10)) for _ in range(60)]
    assert sum(each > 0 for each in lucky) > 55
    assert promoted(rulings(candidate(0), 60, seed=3)) <= 4


def test_one_liar_among_five_does_not_get_a_candidate_through() -> None:
    """The evidence of all would have promoted nearly each: it counts him like an honest one."""
    draw, everybody, runs = random.Random(4), 0, 60
    bar = -math.log(share(0.05, 1))
    for _ in range(runs):
        evidence = Evidence(bar)
        for one in candidate(0, liars={DESK[0]: 1})(draw):
            evidence.take(one.analyst, one.z)
        everybody += evidence.highest >= bar
    assert everybody > 0.7 * runs
    assert promoted(rulings(candidate(0, liars={DESK[0]: 1}), runs)) <= 0.2 * runs
    assert promoted(rulings(candidate(-0.02, liars={DESK[0]: 1}), runs)) <= 1


def test_analysts_who_never_say_neither_promote_nobody_who_is_no_better() -> None:
    """Where both are wrong they take either at random, as the two are shown in blind order."""

    def forced(draw: random.Random) -> list[Comparison]:
        zs = [z or draw.choice((1, -1)) for z in truths(MOST, 0, 0.08, draw)]
        return judged(zs, draw)

    assert promoted(rulings(forced, 150)) <= 7


@pytest.mark.parametrize("differing", [0.08, 0.15])
def test_a_champion_that_is_five_points_worse_is_rolled_back_within_sixty(
    differing: float,
) -> None:
    draw = random.Random(6)
    made = candidate(0.05, differing)  # the old one is the better by so much
    assert needed([watch(made(draw), over=True) for _ in range(100)], "rolled_back") <= 60


def test_a_champion_that_is_as_good_stays() -> None:
    draw = random.Random(7)
    kept = [watch(candidate(0)(draw), over=True).state == "kept" for _ in range(150)]
    assert sum(kept) >= 142
