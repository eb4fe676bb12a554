from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from policy.checkpoint import load
from policy.data import Example
from policy.labeller import Labeller, batches
from policy.train import Report

ODD = [
    "",
    " ",
    "\x00\x01\x02",
    "🔥📉" * 50,
    "a" * 100_000,
    "oil " * 30_000,
    "\ud800",
    "https://t.co/a",
]


@pytest.fixture(scope="module")
def labeller(report: Report) -> Labeller:
    return Labeller.load(report.path, "cpu")


def test_answers_come_in_the_order_of_the_questions(
    labeller: Labeller, make_headlines: Callable[..., list[Example]]
) -> None:
    rows = make_headlines(300, seed=9)
    texts = [each.text for each in rows]
    targets = [each.target for each in rows]
    together = labeller.label(texts, targets)
    for index in range(0, 300, 37):
        (alone,) = labeller.label([texts[index]], [targets[index]])
        np.testing.assert_allclose(
            alone.sentiment_probabilities, together[index].sentiment_probabilities, atol=0.02
        )
    right = [said.topic == row.topic for said, row in zip(together, rows, strict=True) if row.topic]
    assert sum(right) > 0.9 * len(right)


def test_each_answer_is_two_distributions(labeller: Labeller) -> None:
    for each in labeller.label(["oil sinks", *ODD]):
        assert len(each.topic_probabilities) == 20
        assert len(each.sentiment_probabilities) == 3
        assert sum(each.topic_probabilities) == pytest.approx(1.0, abs=1e-9)
        assert sum(each.sentiment_probabilities) == pytest.approx(1.0, abs=1e-9)


def test_odd_text_is_survived_alone_and_as_target(labeller: Labeller) -> None:
    assert len(labeller.label(ODD, ODD[::-1])) == len(ODD)
    assert labeller.label([]) == []


def test_a_target_is_read(labeller: Labeller) -> None:
    text = "norcast soars after talks , oil"
    alone, asked = labeller.label([text, text], ["", "norcast"])
    assert alone != asked


def test_it_says_which_checkpoint_and_tier_answer(labeller: Labeller, report: Report) -> None:
    assert labeller.checkpoint == report.checkpoint.id
    assert labeller.parent is None
    assert labeller.tier == "cpu"


def test_the_temperatures_of_the_checkpoint_are_applied(report: Report) -> None:
    cool, loaded = Labeller.load(report.path, "cpu"), load(report.path)
    text = ["norcast soars after talks , oil"]
    hot = Labeller(loaded, cool.device)
    hot.temperatures = (100.0, 100.0)
    assert max(hot.label(text)[0].topic_probabilities) < 0.1
    assert max(cool.label(text)[0].topic_probabilities) > 0.5


def test_batches_hold_every_row_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(2, 128, size=1_000)
    parts = list(batches(lengths, 1_024))
    assert sorted(np.concatenate(parts).tolist()) == list(range(1_000))
    assert all(len(part) * lengths[part].max() <= 1_024 for part in parts)
    assert len(list(batches(np.array([5_000, 5_000]), 1_024))) == 2


def test_a_copied_checkpoint_answers_the_same(labeller: Labeller, checkpoint: Path) -> None:
    texts = ["tellumar rallies on dividend", "crude sinks"]
    assert Labeller.load(checkpoint, "cpu").label(texts) == labeller.label(texts)
