"""Why a policy says what it says: what each word adds to the label that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Literal, Protocol

from policy.types import SENTIMENTS, TOPICS, Prediction

Head = Literal["topic", "sentiment"]
LABELS: dict[Head, tuple[str, ...]] = {"topic": TOPICS, "sentiment": SENTIMENTS}
LEAST = 0.5  # nats: a smaller difference of scores says little and is no measure of a gap
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Duel:
    """The label shown against the likeliest other one, as indices into a head's labels."""

    label: int
    rival: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The weights of one headline's words for one head, in nats.

    The score is the margin of the label shown, ln(p(label) / p(rival)). Neither probability
    alone would do: near 1 it no longer moves, whatever the words. The weights share out what
    the score has gained over the baseline's, the same question about a headline without words.
    """

    head: Head
    label: str
    rival: str
    words: tuple[tuple[str, float], ...]  # in reading order, as they stand in the cleaned text
    rest: float  # of tokens that are no word of the headline: nothing, but for rounding
    score: float
    baseline: float
    steps: int  # of the integral; 0: exact

    @property
    def gap(self) -> float:
        """The share of the difference that the weights miss: completeness holds where it is 0."""
        told = sum(weight for _, weight in self.words) + self.rest
        gained = self.score - self.baseline
        return abs(told - gained) / max(abs(gained), LEAST)


class Explains(Protocol):
    """A policy's own account of its labels."""

    def explain(self, text: str, target: str, shown: Prediction) -> tuple[Explanation, Explanation]:
        """Of the topic and of the sentiment that `shown` names."""
        ...


def duel(head: Head, shown: Prediction) -> Duel:
    """Who stands against whom in `shown`."""
    label = LABELS[head].index(shown.topic if head == "topic" else shown.sentiment)
    chances = shown.topic_probabilities if head == "topic" else shown.sentiment_probabilities
    others = [i for i in range(len(chances)) if i != label]
    return Duel(label, max(others, key=lambda i: chances[i]))


def margin(chances: Sequence[float], pair: Duel) -> float:
    """ln(p(label) / p(rival))."""
    return log(max(chances[pair.label], _TINY)) - log(max(chances[pair.rival], _TINY))


def words_of(cleaned: str) -> list[tuple[int, int]]:
    """Where each word of a cleaned text begins and ends: words are what blanks part."""
    spans, start = [], 0
    for word in cleaned.split():
        at = cleaned.index(word, start)
        start = at + len(word)
        spans.append((at, start))
    return spans
