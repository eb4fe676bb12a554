"""Why this label: how much of its probability each word carries."""

from __future__ import annotations

from typing import Literal

from policy.data import clean
from policy.types import Policy, Prediction

_WORDS = 96  # more words than fit the encoder say nothing


def attributions(
    labeller: Policy,
    text: str,
    target: str = "",
    head: Literal["sentiment", "topic"] = "sentiment",
) -> list[tuple[str, float]]:
    """(word, fall) in reading order: how far the label's probability falls without the word.

    The label is the one that the policy gives to the whole text; a negative fall speaks against
    it. Occlusion (Li, Monroe and Jurafsky 2016, "Understanding Neural Networks through
    Representation Erasure").
    """
    words = clean(text).split()[:_WORDS]
    if not words:
        return []
    variants = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    whole, *without = labeller.label([" ".join(words), *variants], [target] * (len(words) + 1))
    chances = _chances(whole, head)
    label = chances.index(max(chances))
    falls = [chances[label] - _chances(each, head)[label] for each in without]
    return list(zip(words, falls, strict=True))


def _chances(prediction: Prediction, head: str) -> tuple[float, ...]:
    if head == "topic":
        return prediction.topic_probabilities
    return prediction.sentiment_probabilities
