"""A policy that is one rule, to be examined by the metamorphic suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policy.types import SENTIMENTS, TOPICS, Prediction, Tier


def says(sentiment: str, sure: float = 0.8, topic: str = "Earnings") -> Prediction:
    rest = (1 - sure) / 2
    moods = tuple(sure if each == sentiment else rest for each in SENTIMENTS)
    return Prediction.likeliest(tuple(float(each == topic) for each in TOPICS), moods)


class Rule:
    """A policy that is one rule over text and target; counts what it is asked."""

    checkpoint = "rule"
    tier: Tier = "cpu"

    def __init__(self, rule: Callable[[str, str], Prediction]) -> None:
        self.rule = rule
        self.calls = 0
        self.texts: list[str] = []

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        self.calls += 1
        self.texts += texts
        wanted = targets if targets is not None else [""] * len(texts)
        return [self.rule(text, target) for text, target in zip(texts, wanted, strict=True)]


always_neutral = Rule(lambda text, target: says("neutral"))
