from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import torch
from toys import logits

from policy.errors import DataError
from policy.learners.exploration import EpsilonGreedy, SquareCB, shown
from policy.learners.gather import (
    Gathered,
    doubt_about_propensities,
    gather,
    mean_importance,
    weights,
)
from policy.learners.types import NONE, Feedback
from policy.types import SENTIMENTS
from policy.verdicts import Verdict

NOW = datetime(2031, 3, 4, 12, tzinfo=UTC)
ONE = Verdict(
    id="v1",
    text="Norcast cuts its outlook",
    target="Norcast",
    head="sentiment",
    shown="negative",
    propensity=0.5,
    selection=1.0,
    analyst="ada",
    answer="confirm",
    correction="",
    reason="",
    at=NOW,
)


def many(count: int, **changes: object) -> list[Verdict]:
    """Of different names, days and headlines unless said otherwise."""
    return [
        replace(
            ONE,
            **({"id": f"{i}", "text": f"headline {i}", "target": f"name {i}"} | changes),  # type: ignore[arg-type]
        )
        for i in range(count)
    ]


def ratio(verdicts: list[Verdict], left: int = 0, right: int = -1) -> float:
    omega = weights(verdicts, NOW)
    return float(omega[left] / omega[right])


def test_verdicts_become_arrays_row_by_row() -> None:
    rejected = replace(ONE, id="v2", answer="reject", shown="positive", correction="neutral")
    blind = replace(rejected, id="v3", shown="", propensity=1.0, analyst="bo")
    found = gather([ONE, rejected, blind], "sentiment", NOW)
    given = found.feedback
    assert found.analysts == ("ada", "bo")
    assert given.shown.tolist() == [
        SENTIMENTS.index("negative"),
        SENTIMENTS.index("positive"),
        NONE,
    ]
    assert given.confirmed.tolist() == [True, False, False]
    assert given.correction.tolist() == [NONE, *[SENTIMENTS.index("neutral")] * 2]
    assert given.propensity.tolist() == [0.5, 0.5, 1.0]
    assert given.analyst.tolist() == [0, 0, 1]
    assert found.texts == ["Norcast cuts its outlook"] * 3
    assert found.targets == ["Norcast"] * 3


def same(left: Gathered, right: Gathered) -> bool:
    return left.kept == right.kept and all(
        getattr(left.feedback, name).equal(getattr(right.feedback, name))
        for name in Feedback.__slots__
    )


@pytest.mark.parametrize(
    "dull",
    [
        {"answer": "abstain"},
        {"why": "gold"},
        {"truth": "negative"},
        {"head": "topic", "shown": "Macro"},
        {"answer": "reject", "correction": "negative"},  # to the label that is rejected
        {"answer": "confirm", "correction": "neutral"},
        {"answer": "reject", "shown": ""},  # blind, without an answer
        {"answer": "confirm", "shown": ""},
    ],
)
def test_what_teaches_nothing_is_left_out_and_moves_no_weight(dull: dict[str, str]) -> None:
    told = many(4)
    without = gather(told, "sentiment", NOW)
    assert same(gather([*told, *many(3, **dull)], "sentiment", NOW), without)
    assert len(without.feedback) == 4


def test_nothing_at_all_is_gathered_from_nothing() -> None:
    found = gather([], "topic", NOW)
    assert len(found.feedback) == 0
    assert found.analysts == ()


def test_a_weight_halves_in_sixty_days_and_the_future_counts_as_now() -> None:
    old = replace(ONE, id="o", target="other", at=NOW - timedelta(days=60))
    older = replace(ONE, id="p", target="third", at=NOW - timedelta(days=180))
    ahead = replace(ONE, id="f", target="fourth", at=NOW + timedelta(days=30))
    assert ratio([ONE, old]) == pytest.approx(2)
    assert ratio([ONE, older]) == pytest.approx(8)
    assert ratio([ONE, ahead]) == pytest.approx(1)


def test_rarely_chosen_items_weigh_more_but_at_most_ten_times() -> None:
    for selection, wanted in ((0.5, 2.0), (0.1, 10.0), (0.001, 10.0)):
        rare = replace(ONE, id="r", target="other", selection=selection)
        assert ratio([rare, ONE]) == pytest.approx(wanted)


def test_weights_have_a_mean_of_one() -> None:
    verdicts = [
        *many(50, selection=0.03),
        *many(30, analyst="bo", target="Norcast"),
        *many(5, at=NOW - timedelta(days=400)),
    ]
    assert float(weights(verdicts, NOW).mean()) == pytest.approx(1.0)
    assert torch.isfinite(weights(many(3, at=NOW - timedelta(days=900_000 // 3)), NOW)).all()


def test_an_analyst_of_many_verdicts_counts_less_by_each() -> None:
    """1/(1 + n/500): 500 verdicts count half a verdict each, and no number counts over 500."""
    verdicts = [*many(500, analyst="busy"), *many(1, analyst="rare")]
    assert ratio(verdicts) == pytest.approx(0.5 * (1 + 1 / 500))
    crowd = [*many(20_000, analyst="busy"), *many(1, analyst="rare")]
    omega = weights(crowd, NOW)
    assert float(omega[:-1].sum() / omega[-1]) < 501


def test_one_analyst_s_word_on_one_name_is_bounded_however_often_it_is_said() -> None:
    days = [
        replace(each, at=NOW - timedelta(hours=index % 20))
        for index, each in enumerate(many(400, analyst="loud", target="Norcast"))
    ]
    omega = weights([*days, *many(1, analyst="quiet", target="Norcast")], NOW)
    assert float(omega[:-1].sum() / omega[-1]) < 12  # of a single day, at most ten verdicts


def test_a_day_counts_ten_verdicts_on_a_name_and_the_next_day_counts_anew() -> None:
    at_once = many(40, analyst="loud", target="Norcast")
    spread = [
        replace(each, at=NOW - timedelta(days=index // 10)) for index, each in enumerate(at_once)
    ]
    yardstick = many(1, analyst="quiet", target="Norcast")
    totals = []
    for each in (at_once, spread):
        omega = weights([*each, *yardstick], NOW)
        totals.append(float(omega[:-1].sum() / omega[-1]))
    assert totals[1] == pytest.approx(4 * totals[0], rel=0.03)  # but for the days' age


def test_headlines_as_a_whole_are_of_no_name_and_share_no_cap() -> None:
    verdicts = [*many(40, target=""), *many(1, target="Norcast")]
    assert ratio(verdicts) == pytest.approx(1 + 1 / 50)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"propensity": 0.0}, "propensity 0.0"),
        ({"propensity": 1.5}, "propensity 1.5"),
        ({"propensity": float("nan")}, "propensity nan"),
        ({"selection": 0.0}, "selection 0.0"),
        ({"selection": -1.0}, "selection -1.0"),
        ({"shown": "bad"}, "'bad' is no sentiment"),
        ({"answer": "reject", "correction": "bad"}, "'bad' is no sentiment"),
    ],
)
def test_an_impossible_verdict_is_named_in_one_line(changes: dict[str, object], said: str) -> None:
    with pytest.raises(DataError) as caught:
        gather([ONE, *many(1, id="v7", **changes)], "sentiment", NOW)
    assert str(caught.value).startswith("verdict v7: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_analyst_without_a_row_in_the_panel_is_named() -> None:
    with pytest.raises(DataError, match="verdict v1: analyst 'ada' has no row"):
        gather([ONE], "sentiment", NOW, analysts=["bo"])
    assert gather([ONE], "sentiment", NOW, ["bo", "ada"]).feedback.analyst.tolist() == [1]


def served(rows: int, seed: int, rule: EpsilonGreedy | SquareCB) -> tuple[Feedback, torch.Tensor]:
    """Labels of 20 shown by a rule with their propensities, and the log-policy that it had."""
    log_policy = logits(rows, seed, scale=1.5, labels=20).detach().log_softmax(1)
    table = rule.propensities(log_policy.exp(), log_policy.exp())
    labels = shown(table, torch.Generator().manual_seed(seed + 1))
    nothing = torch.zeros(rows, dtype=torch.int64)
    propensity = table.gather(1, labels[:, None])[:, 0].float()
    yes = torch.zeros(rows, dtype=torch.bool)
    return Feedback(labels, propensity, yes, nothing - 1, nothing, torch.ones(rows)), log_policy


@pytest.mark.parametrize("rule", [EpsilonGreedy(0.2), SquareCB(50.0)])
def test_true_propensities_have_a_mean_importance_weight_of_one(
    rule: EpsilonGreedy | SquareCB,
) -> None:
    given, log_policy = served(4_000, 1, rule)
    mean, error = mean_importance(given, log_policy)
    assert 0 < error < 0.1
    assert mean == pytest.approx(1.0, abs=4 * error)
    assert doubt_about_propensities(given, log_policy) == ""


@pytest.mark.parametrize(
    "corrupt",
    {
        "uniform": lambda given: torch.full_like(given.propensity, 1 / 20),
        "mixed up": lambda given: given.propensity.roll(1),
        "a tenth": lambda given: given.propensity / 10,
        "of another label": lambda given: 1 - given.propensity.clamp_max(0.99),
    }.items(),
    ids=lambda each: each[0],
)
def test_corrupted_propensities_are_noticed(corrupt: tuple) -> None:  # type: ignore[type-arg]
    """The control of the experiment; Vowpal Wabbit 1687 learned from such and said nothing."""
    given, log_policy = served(4_000, 1, EpsilonGreedy(0.2))
    said = doubt_about_propensities(replace(given, propensity=corrupt[1](given)), log_policy)
    assert "where 1 is expected" in said
    assert "\n" not in said


def test_few_or_blind_verdicts_raise_no_doubt() -> None:
    given, log_policy = served(400, 1, EpsilonGreedy(0.2))
    assert doubt_about_propensities(given.take(torch.arange(1)), log_policy[:1]) == ""
    blind = replace(given, shown=torch.full_like(given.shown, NONE), propensity=torch.ones(400))
    assert mean_importance(blind, log_policy) == (1.0, 0.0)
