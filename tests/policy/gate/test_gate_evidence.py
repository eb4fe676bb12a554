"""A bet on the mean: what it proves, what it costs to look often, and that nobody proves alone."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from policy.gate.evidence import STAKES, Evidence

BAR = math.log(20)


def after(said: list[tuple[str, int]], bar: float = BAR) -> Evidence:
    evidence = Evidence(bar)
    for analyst, z in said:
        evidence.take(analyst, z)
    return evidence


def by_turns(zs: list[int], *analysts: str) -> list[tuple[str, int]]:
    return list(zip(itertools.cycle(analysts), zs, strict=False))


def test_the_evidence_is_the_mean_over_stakes_of_what_a_bettor_would_have() -> None:
    zs = [1, 1, 0, -1, 1]
    products = [(1 + stake) ** 3 * (1 - stake) for stake in STAKES]
    assert after(by_turns(zs, "ada", "ben")).log == pytest.approx(math.log(sum(products) / 2))


def test_a_fair_coin_makes_no_bettor_rich_on_average() -> None:
    """Over every course of ten verdicts, each as likely: the mean of the products is exactly 1."""
    courses = itertools.product((1, -1), repeat=10)
    wealth = [math.exp(after(by_turns(list(zs), "ada", "ben")).log) for zs in courses]
    assert sum(wealth) / len(wealth) == pytest.approx(1)


def test_neither_is_no_evidence() -> None:
    assert after([("ada", 0)] * 50).log == 0


def test_what_was_reached_once_stays_reached() -> None:
    zs = [1] * 30 + [-1] * 100
    evidence = after(by_turns(zs, "ada", "ben"))
    assert evidence.log < 0 < BAR < evidence.highest
    assert evidence.proven


@pytest.mark.parametrize("count", [1, 12, 400])
def test_one_analyst_alone_proves_nothing_however_often_they_say_it(count: int) -> None:
    evidence = after([("ada", 1)] * count)
    assert not evidence.proven
    assert (evidence.leans_on, evidence.without_any_one) == ("ada", 0)


def test_one_analyst_with_a_second_who_hardly_answers_proves_nothing() -> None:
    assert not after([("ada", 1)] * 300 + [("ben", 1)]).proven


def test_two_who_agree_prove_it() -> None:
    assert after(by_turns([1] * 40, "ada", "ben")).proven


def test_what_was_proved_before_an_analyst_came_needs_them_not() -> None:
    proved = by_turns([1] * 40, "ada", "ben")
    assert after([*proved, ("cleo", -1)]).proven


def test_the_others_must_come_half_the_way_by_themselves() -> None:
    """Ben and Cleo agree 1:1, Ada alone is for it: whatever she says, theirs is a fair coin."""
    said = [one for n in range(60) for one in (("ada", 1), ("ben", 1 - 2 * (n % 2)), ("cleo", 0))]
    evidence = after(said)
    assert evidence.highest > BAR
    assert evidence.leans_on == "ada"
    assert not evidence.proven


def test_the_evidence_without_an_analyst_is_that_of_the_others_verdicts() -> None:
    draw = random.Random(3)
    said = [(draw.choice("abc"), draw.choice((1, 1, -1, 0))) for _ in range(80)]
    evidence = after(said)
    left = {name: after([one for one in said if one[0] != name]).highest for name in "abc"}
    assert evidence.without_any_one == pytest.approx(min(left.values()))
    assert left[evidence.leans_on] == min(left.values())
