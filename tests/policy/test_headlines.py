"""Hand-written headlines that any market professional reads alike, never trained on."""

from __future__ import annotations

import csv
from pathlib import Path

from policy.data import read_labelled
from policy.labeller import Labeller
from policy.types import SENTIMENTS

FILE = Path(__file__).with_name("headlines.csv")
FLOOR = 0.80


def by_group() -> dict[str, list[bool]]:
    """Whether the shipped policy's sentiment is right, row by row in each group."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    policy = Labeller.load(None, "cpu")
    answers = policy.label([row["text"] for row in rows], [row["target"] for row in rows])
    groups: dict[str, list[bool]] = {}
    for row, answer in zip(rows, answers, strict=True):
        groups.setdefault(row["group"], []).append(answer.sentiment == row["sentiment"])
    return groups


def table(groups: dict[str, list[bool]]) -> str:
    lines = [f"{sum(r) / len(r):6.1%} of {len(r):3}  {name}" for name, r in groups.items()]
    return "\n".join(lines)


def test_the_shipped_policy_reads_hand_written_headlines() -> None:
    groups = by_group()
    right = [each for group in groups.values() for each in group]
    assert sum(right) / len(right) >= FLOOR, "\n" + table(groups)


def test_the_headlines_are_many_and_of_all_three_sentiments() -> None:
    examples = read_labelled(FILE)
    sentiments = [each.sentiment for each in examples]
    assert len(examples) >= 300
    assert all(sentiments.count(each) >= 0.2 * len(examples) for each in SENTIMENTS)


def test_no_headline_is_asked_twice_of_one_target() -> None:
    asked = [(each.text, each.target) for each in read_labelled(FILE)]
    assert len(set(asked)) == len(asked)
    assert all(target in text for text, target in asked)
