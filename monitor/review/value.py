"""What a question is worth: how unsure its label is, times how much hangs on it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.store.questions import Question

_ALARM = 8.5  # nats: ln A where a stream may raise one alarm in half a year of hours
_NEAR = 4.0  # a story in an alert is worth 1 + this, one in a quiet stream 1
_LEAST = 0.01  # no label is so sure that it is never asked about
_ALIKE = 0.4  # part of the words that two near headlines share
_SPREAD = 4.0  # a question near one just asked is worth this part of itself less


@dataclass(frozen=True, slots=True)
class Worth:
    """What is known of the moment when a question is to be chosen."""

    evidence: Mapping[tuple[str, str], float]  # ln M by (topic, target)
    alarmed: Collection[int]  # stories that stand in alerts
    asked: Sequence[tuple[frozenset[str], str]]  # words and target of what was asked last

    def of(self, question: Question) -> float:
        """The weight that a question is drawn with among others.

        Entropy over that of ignorance, so that heads of 3 and 20 labels compare; times what hangs
        on it; squared, so that among many sure labels the few unsure ones are mostly drawn.
        """
        value = max(unsure(question.probabilities), _LEAST) * self._hangs_on(question)
        return value**2 / (1 + _SPREAD * self._repeats(question))

    def _hangs_on(self, question: Question) -> float:
        if question.story_id in self.alarmed:
            return 1 + _NEAR
        stream = ("", question.target) if question.target else (question.topic, "")
        return 1 + _NEAR * min(max(self.evidence.get(stream, 0.0) / _ALARM, 0.0), 1.0)

    def _repeats(self, question: Question) -> int:
        words = words_of(question.text)
        return sum(
            (target != "" and target == question.target)
            or len(words & other) >= _ALIKE * len(words | other)
            for other, target in self.asked
        )


def unsure(probabilities: Sequence[float]) -> float:
    """Entropy as a part of the largest there can be, 0–1."""
    entropy = -sum(p * math.log(p) for p in probabilities if p > 0)
    return entropy / math.log(len(probabilities))


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())
