"""What is counted of a prediction, whatever label was chosen."""

from __future__ import annotations

import pytest

from policy.types import SENTIMENTS, TOPICS, Prediction

TOPIC = tuple(1.0 if each == "Macro" else 0.0 for each in TOPICS)


@pytest.mark.parametrize("chosen", SENTIMENTS)
@pytest.mark.parametrize(
    ("chances", "negative"),
    [
        ((0.5, 0.3, 0.2), True),
        ((0.3, 0.5, 0.2), False),
        ((0.3, 0.2, 0.5), False),
        ((0.4, 0.4, 0.2), True),  # a tie, as the likeliest label has it
    ],
)
def test_a_negative_is_counted_by_belief_and_not_by_choice(
    chosen: str, chances: tuple[float, ...], negative: bool
) -> None:
    assert Prediction(TOPIC, chances, "Macro", chosen).negative is negative
    assert (Prediction.likeliest(TOPIC, chances).sentiment == "negative") is negative
