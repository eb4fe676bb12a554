"""A desk of simulated analysts who answer about what a policy shows, and the truth beside it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policy.data import Example
from policy.labeller import Labeller
from policy.types import Prediction
from policy.verdicts import LABELS, Head, Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEADS: tuple[Head, ...] = ("topic", "sentiment")


@dataclass(frozen=True, slots=True)
class Desk:
    """Five analysts; one verdict a known label of each row, a minute apart."""

    adversary: str = ""  # the one of them who says the opposite of what is right
    corrections: float = 0.3  # part of the rejections that name the right label
    shuffled: bool = False  # every answer is about another headline
    seed: int = 0

    def verdicts(self, rows: Sequence[Example], policy: Path) -> list[Verdict]:
        draw = random.Random(self.seed)
        answers: list[Verdict] = []
        for row, prediction in zip(rows, labels(policy, rows), strict=True):
            for head in HEADS:
                if truth := getattr(row, head):
                    shown = getattr(prediction, head)
                    answers.append(self._answer(draw, len(answers), row, head, shown, truth))
        return exchanged(answers, draw) if self.shuffled else answers

    def _answer(
        self, draw: random.Random, number: int, row: Example, head: Head, shown: str, truth: str
    ) -> Verdict:
        analyst = f"analyst {draw.randrange(5)}"
        lies = analyst == self.adversary
        confirms = (shown == truth) != lies
        others = [each for each in LABELS[head] if each != shown]
        named = draw.choice(others) if lies else truth
        corrects = not confirms and draw.random() < self.corrections
        return Verdict(
            id=f"v{number:05d}",
            text=row.text,
            target=row.target,
            head=head,
            shown=shown,
            propensity=0.98,
            selection=1.0,
            analyst=analyst,
            answer="confirm" if confirms else "reject",
            correction=named if corrects else "",
            reason="",
            at=NOW - timedelta(days=3) + timedelta(minutes=number),
            why="audit" if draw.random() < 0.1 else "uncertain",
        )


def exchanged(verdicts: Sequence[Verdict], draw: random.Random) -> list[Verdict]:
    """The same answers in another order: nothing in them is about the headline any more."""
    answers = list(verdicts)
    for head in HEADS:
        places = [place for place, each in enumerate(verdicts) if each.head == head]
        for place, other in zip(places, draw.sample(places, len(places)), strict=True):
            said = verdicts[other]
            correction = said.correction if said.correction != verdicts[place].shown else ""
            answers[place] = replace(verdicts[place], answer=said.answer, correction=correction)
    return answers


def labels(policy: Path, rows: Sequence[Example]) -> list[Prediction]:
    texts, targets = [each.text for each in rows], [each.target for each in rows]
    return Labeller.load(policy, "cpu").label(texts, targets)


def accuracy(policy: Path, rows: Sequence[Example]) -> float:
    """Of all known labels, by the labels chosen."""
    said = labels(policy, rows)
    hits = [
        getattr(prediction, head) == truth
        for row, prediction in zip(rows, said, strict=True)
        for head in HEADS
        if (truth := getattr(row, head))
    ]
    return sum(hits) / len(hits)
