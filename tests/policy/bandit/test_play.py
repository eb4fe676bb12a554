"""The experiment itself, on invented headlines: what must be learned is, what cannot be is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from courses import CLEAN, led

from policy.bandit.arms import ARMS, Arm
from policy.bandit.course import Rows, course
from policy.bandit.play import Record, ends, play
from policy.bandit.roster import ENTRIES, RIVALS, expanded
from policy.bandit.table import Table
from policy.data import Example
from policy.errors import DataError


@cache
def played(name: str, arm: Arm = CLEAN) -> Record:
    """Seed 0; a run that several tests look at is run once."""
    return play(name, led(arm.order), arm, 0)


@pytest.fixture(scope="module")
def scale() -> dict[str, float]:
    return {end: found["accuracy"] for end, found in ends(led()).items()}


def test_labels_teach(scale: dict[str, float]) -> None:
    assert scale["skyline"] > scale["frozen"] + 0.03


def test_the_core_closes_most_of_the_gap_on_verdicts_alone(scale: dict[str, float]) -> None:
    found = played("verdict_likelihood")
    closed = (found["accuracy"] - scale["frozen"]) / (scale["skyline"] - scale["frozen"])
    assert closed > 0.8
    assert found["ece"] < 0.08


@pytest.mark.parametrize("name", [*ENTRIES, RIVALS[0], RIVALS[-1]])
def test_everybody_ends_with_figures_and_a_curve(name: str) -> None:
    if name in RIVALS:
        pytest.importorskip("vowpalwabbit")
    found = played(name)
    assert 0.3 < found["accuracy"] <= 1
    assert 0 <= found["ece"] < 0.6
    assert found["verdicts"] == 600
    assert [each["verdicts"] for each in found["curve"]] == sorted(
        each["verdicts"] for each in found["curve"]
    )
    assert found["curve"][-1]["accuracy"] == found["accuracy"]


@pytest.mark.parametrize("name", ["verdict_likelihood", "value"])
def test_the_same_seed_is_the_same_to_the_bit(name: str) -> None:
    arm = Arm(noise=0.1, adversaries=1, corrections=0.3)
    assert play(name, led(), arm, 0) == played(name, arm)


def test_another_seed_is_another_run() -> None:
    other = play("verdict_likelihood", led(seed=1), CLEAN, 1)
    assert played("verdict_likelihood")["curve"] != other["curve"]


@pytest.mark.parametrize("name", ["verdict_likelihood", "policy_gradient", "value"])
def test_answers_that_have_nothing_to_do_with_the_headline_teach_nothing(
    name: str, scale: dict[str, float]
) -> None:
    found = played(name, ARMS["shuffled"])
    assert found["accuracy"] <= scale["frozen"] + 0.02


def test_wrong_propensities_are_noticed_and_right_ones_are_not_doubted() -> None:
    found = played("verdict_likelihood", ARMS["corrupted"])
    assert "mean importance weight" in found["doubt"]
    assert played("verdict_likelihood")["doubt"] == ""


def test_a_liar_is_named_soon_and_costs_little() -> None:
    honest = played("verdict_likelihood")["accuracy"]
    found = played("verdict_likelihood", ARMS["adversary-1"])
    trusting = played("verdict_likelihood+trusting", ARMS["adversary-1"])
    assert found["named_after"][0] is not None
    assert found["named_after"][0] <= 50
    assert found["honest_named"] == []
    assert found["accuracy"] > honest - 0.03
    assert found["accuracy"] > trusting["accuracy"]


def test_honest_analysts_who_err_are_not_named() -> None:
    assert "named_after" not in played("verdict_likelihood", ARMS["noise-20"])
    found = played("verdict_likelihood", Arm(noise=0.2, adversaries=1))
    assert found["honest_named"] == []


def test_a_new_label_is_learned_after_half_time() -> None:
    found = played("verdict_likelihood", ARMS["new-topic"])
    curve = found["curve"]
    assert all(each["new_recall"] == 0 for each in curve if each["new_verdicts"] == 0)
    assert found["new_recall"] > 0.6


def test_a_new_label_has_lost_nothing_where_it_was_not_on_offer() -> None:
    """So that it is learned from few verdicts on it: within a quarter of the stream."""
    curve = played("verdict_likelihood", ARMS["new-topic-30"])["curve"]
    soon = [each["new_recall"] for each in curve if each["verdicts"] >= 450]
    assert soon[0] > 0.8 * curve[-1]["new_recall"] > 0.5


def test_late_verdicts_are_heard_in_the_end() -> None:
    found = played("verdict_likelihood", Arm(late=150))
    assert found["verdicts"] == 600


def test_a_name_that_does_not_take_part_is_refused() -> None:
    with pytest.raises(DataError, match="nobody"):
        expanded(["verdict_likelihood", "nobody"])


def test_threads_are_one_so_that_sums_have_an_order() -> None:
    played("confirm_only")
    assert torch.get_num_threads() == 1


def test_a_label_that_the_warm_start_lacks_is_tried_until_it_is_known() -> None:
    way = led()
    seen = way.warm.truth != 3
    poor = replace(way, warm=Rows(way.warm.features[seen], way.warm.truth[seen]))
    curious, not_so = (
        [each["macro_f1"] for each in play(name, poor, CLEAN, 0)["curve"] if each["verdicts"] < 200]
        for name in ("verdict_likelihood", "verdict_likelihood+incurious")
    )
    assert sum(curious) / len(curious) > sum(not_so) / len(not_so) + 0.03


@pytest.mark.parametrize("labels", [2, 120])
def test_two_labels_and_a_hundred_and_twenty_are_learned_alike(labels: int) -> None:
    """One of them on a single row."""
    draw = np.random.default_rng(1)
    truth = np.concatenate([draw.integers(0, labels - 1, 899), [labels - 1]]).astype(np.int64)
    names = tuple(f"{label}" for label in range(labels))
    known = Table("theirs", "topic", names, tuple(Example(f"item {n}") for n in range(900)), truth)
    places = np.eye(128, dtype=np.float32)[truth] + draw.normal(0, 0.05, (900, 128))
    way = course(known, places.astype(np.float32), np.arange(900), (200, 400), "plain", 0)
    scale = ends(way)
    found = play("verdict_likelihood", way, Arm(corrections=0.3), 0)
    assert found["accuracy"] >= scale["frozen"]["accuracy"]
    assert 0 <= found["ece"] <= 1
