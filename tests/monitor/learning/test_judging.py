"""Which verdicts say which of two policies is right, and which say nothing about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from monitor.learning.bench import Asked
from monitor.learning.judging import judge
from monitor.store.verdicts import Numbered
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier
from policy.verdicts import Verdict


class Always:
    """The same topic for everything, and neutral."""

    tier: Tier = "cpu"

    def __init__(self, topic: str) -> None:
        self.checkpoint, self._topic = topic, topic

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        topics = tuple(float(each == self._topic) for each in TOPICS)
        moods = tuple(float(each == "neutral") for each in SENTIMENTS)
        return [Prediction.likeliest(topics, moods) for _ in texts]


def asked(topic: str) -> Asked:
    return Asked(Always(topic), 8)


def verdict(noon: datetime, **changes: Any) -> Verdict:
    blind = Verdict(
        id="v", text="Norcast cuts output", target="", head="topic", shown="", propensity=1.0,
        selection=0.1, analyst="ada", answer="reject", correction="Macro", reason="", at=noon,
        why="disagreement",
    )  # fmt: skip
    return replace(blind, **changes)


def said(one: Verdict) -> list[int]:
    """z of the row that it makes, if any: the champion says Markets, the challenger Macro."""
    rows = judge(7, [Numbered(3, one)], asked("Markets"), asked("Macro"), {})
    assert all((row.trial, row.verdict) == (7, 3) for row in rows)
    return [row.z for row in rows]


@pytest.mark.parametrize(
    ("correction", "reason", "z"),
    [("Macro", "", 1), ("Markets", "", -1), ("IPO", "", 0), ("", "neither", 0)],
)
def test_a_blind_answer_is_for_whoever_has_the_label_that_it_names(
    noon: datetime, correction: str, reason: str, z: int
) -> None:
    assert said(verdict(noon, correction=correction, reason=reason)) == [z]


@pytest.mark.parametrize(
    ("changes", "z"),
    [
        ({"shown": "Markets", "correction": "Macro"}, [1]),
        ({"shown": "Markets", "correction": ""}, []),  # Macro, or one of eighteen others
        ({"shown": "Macro", "answer": "confirm", "correction": ""}, []),
        ({"shown": "Macro", "correction": "Markets"}, []),
    ],
)
def test_with_a_label_in_view_a_correction_of_the_champions_tells(
    noon: datetime, changes: dict[str, str], z: list[int]
) -> None:
    assert said(verdict(noon, **changes)) == z


def test_abstentions_and_known_answers_are_no_evidence(noon: datetime) -> None:
    assert said(verdict(noon, answer="abstain", correction="")) == []
    assert said(verdict(noon, truth="Macro")) == []


def test_where_both_say_the_same_there_is_nothing_to_judge(noon: datetime) -> None:
    assert said(verdict(noon, head="sentiment", correction="negative")) == []
