from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from policy.data import Example
from policy.evaluate import confusion, ece, evaluate, macro_f1
from policy.types import TOPICS, Prediction, Tier


class OneWord:
    """Negative if and only if the text holds "plunges"."""

    checkpoint = "one-word"
    tier: Tier = "fallback"

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        topics = (1.0,) + (0.0,) * (len(TOPICS) - 1)
        moods = {True: (0.8, 0.1, 0.1), False: (0.1, 0.8, 0.1)}
        return [Prediction.likeliest(topics, moods["plunges" in text]) for text in texts]


def test_the_fields_are_those_of_the_contract() -> None:
    rows = [Example("Share plunges", topic="Stock Movement", sentiment="negative")]
    answer = evaluate(OneWord(), rows)
    assert set(answer) == {
        "rows", "topic", "sentiment", "headlines_per_second", "policy", "tier",
    }  # fmt: skip
    assert set(answer["topic"]) == {"accuracy", "macro_f1", "ece"}
    assert set(answer["sentiment"]) == {"accuracy", "macro_f1", "ece", "confusion"}
    assert answer["policy"] == "one-word"
    assert answer["tier"] == "fallback"
    assert answer["headlines_per_second"] > 0


def test_a_head_without_labels_is_absent() -> None:
    assert "sentiment" not in evaluate(OneWord(), [Example("Oil", topic="Energy | Oil")])
    assert "topic" not in evaluate(OneWord(), [Example("Oil", sentiment="neutral")])
    assert evaluate(OneWord(), [])["rows"] == 0


def test_rows_without_a_label_do_not_count_for_that_head() -> None:
    rows = [Example("Share plunges", sentiment="negative"), Example("Share plunges", topic="IPO")]
    assert evaluate(OneWord(), rows)["sentiment"]["accuracy"] == 1.0
    assert evaluate(OneWord(), rows)["topic"]["accuracy"] == 0.0


def test_macro_f1_agrees_with_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    truth, said = draw.integers(0, 4, 500), draw.integers(0, 5, 500)
    ours = macro_f1(confusion(said, truth, 7))
    assert ours == pytest.approx(f1_score(truth, said, average="macro"))


def test_the_confusion_has_truth_in_rows() -> None:
    assert confusion(np.array([2]), np.array([0]), 3).tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_ece_by_hand() -> None:
    # two bins: 0.9 and right, 0.9 and wrong (gap 0.4); 0.6 and right (gap 0.4)
    chances = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    assert ece(chances, np.array([0, 1, 1])) == pytest.approx((2 * 0.4 + 0.4) / 3)
    assert ece(np.array([[1.0, 0.0]]), np.array([0])) == 0.0
