"""Each learner's curve is the one committed, and configurations that are equal follow it too."""

from __future__ import annotations

import json

import pytest
import torch
from record import FOLDER, ROWS, Curve, curve, file
from toys import OF_THE_BATCH, VARIANTS

every = pytest.mark.parametrize("name", VARIANTS)
by_rows = pytest.mark.parametrize("name", [each for each in VARIANTS if each not in OF_THE_BATCH])


def follows(said: Curve, name: str, tolerance: float) -> None:
    wanted = json.loads(file(name).read_text(encoding="utf-8"))
    assert said["loss"] == pytest.approx(wanted["loss"], abs=tolerance)
    assert said["earned"] == pytest.approx(wanted["earned"], abs=tolerance + 0.004)
    # One row of 400 may lie on a border.
    assert said["accuracy"] == pytest.approx(wanted["accuracy"], abs=0.0051)


def test_there_is_a_curve_for_each_learner_and_no_other() -> None:
    assert {each.stem for each in FOLDER.glob("*")} == set(VARIANTS)


@every
def test_a_learner_follows_its_committed_curve(name: str) -> None:
    follows(curve(VARIANTS[name]), name, 2e-6)


@every
def test_single_precision_follows_the_same_curve(name: str) -> None:
    follows(curve(VARIANTS[name], kind=torch.float32), name, 2e-4)


@by_rows
@pytest.mark.parametrize("size", [16, 100])
def test_batches_of_any_size_follow_the_same_curve(name: str, size: int) -> None:
    follows(curve(VARIANTS[name], torch.arange(ROWS).split(size)), name, 2e-6)


@every
def test_another_order_of_the_rows_follows_the_same_curve(name: str) -> None:
    order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(1))
    follows(curve(VARIANTS[name], [order]), name, 2e-6)


@every
def test_a_committed_curve_goes_down_and_its_policy_up(name: str) -> None:
    found = json.loads(file(name).read_text(encoding="utf-8"))
    assert found["loss"][-1] < found["loss"][0]
    assert found["accuracy"][-1] > found["accuracy"][0] + 0.02
    assert found["earned"][-1] > found["earned"][0]


def test_learners_do_not_share_a_curve_unless_only_what_they_show_differs() -> None:
    losses = {name: file(name).read_text(encoding="utf-8") for name in VARIANTS}
    curves = {name: json.loads(each)["loss"] for name, each in losses.items()}
    assert curves["value"] == curves["value-squarecb"]
    assert len({tuple(each) for each in curves.values()}) == len(VARIANTS) - 2
