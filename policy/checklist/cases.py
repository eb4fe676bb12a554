"""What is asked: capabilities and their cases, filled from the templates beside this file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from policy.checklist.perturb import PERTURBATIONS

Kind = Literal["MFT", "INV", "DIR"]
Words = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"\{(\w+)\}")
_FIELDS = ("text", "target")


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """MFT: one question and the sentiment wanted. INV: two questions that want the same labels.

    DIR: two questions; the second must have more of the sentiment `label`.
    """

    questions: tuple[Question, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """Cases that ask for one thing.

    margin (DIR): by how much the probability must move. topics (INV): whether the topic must
    stay as well. What only changes the form of a text keeps both labels; another name may be of
    another trade, so that only the sentiment must stay.
    """

    name: str
    kind: Kind
    cases: tuple[Case, ...]
    margin: float = 0.0
    topics: bool = False


def read_capabilities() -> tuple[Capability, ...]:
    """All capabilities in the order of the card: known answers, turns, what must not matter."""
    words: Words = _read("words.json")
    steady = _read("steady.json")
    return (
        *(_known(entry, words) for entry in _read("known.json")),
        *(_turned(entry, words) for entry in _read("turned.json")),
        *(_steady(entry, words, steady) for entry in steady["capabilities"]),
    )


def read_seeds() -> tuple[Question, ...]:
    """Plain headlines whose labels are beyond doubt: what perturbations start from."""
    return _questions(_read("steady.json")["seeds"])


def fill(text: str, words: Words, turn: int) -> str:
    """`text` with each {slot} replaced by the word of that slot whose turn it is."""
    return _SLOT.sub(lambda slot: words[slot[1]][turn % len(words[slot[1]])], text)


def _read(name: str) -> Any:
    return json.loads((files("policy.checklist") / name).read_text(encoding="utf-8"))


def _questions(rows: Sequence[Mapping[str, str]]) -> tuple[Question, ...]:
    return tuple(Question(row["text"], row.get("target", "")) for row in rows)


def _filled(entry: Mapping[str, Any], words: Words) -> list[dict[str, str]]:
    """The frames of an entry, each `fills` times with the next words."""
    fills = entry["fills"]
    return [
        {key: fill(text, words, number * fills + turn) for key, text in frame.items()}
        for number, frame in enumerate(entry["frames"])
        for turn in range(fills)
    ]


def _known(entry: Mapping[str, Any], words: Words) -> Capability:
    frames = _filled(entry, words)
    cases = [Case(_questions([frame]), frame["label"]) for frame in frames]
    return Capability(entry["name"], "MFT", tuple(cases))


def _turned(entry: Mapping[str, Any], words: Words) -> Capability:
    cases = [Case(_before_and_after(frame), frame["label"]) for frame in _filled(entry, words)]
    return Capability(entry["name"], "DIR", tuple(cases), margin=entry["margin"])


def _before_and_after(frame: Mapping[str, str]) -> tuple[Question, Question]:
    target = frame.get("target", "")
    before = Question(frame["before"], frame.get("before_target", target))
    return before, Question(frame["after"], frame.get("after_target", target))


def _steady(entry: Mapping[str, Any], words: Words, seeds: Mapping[str, Any]) -> Capability:
    if "perturbation" in entry:
        given = _questions(seeds[entry.get("seeds", "seeds")])
        return Capability(entry["name"], "INV", _perturbed(given, entry), topics=True)
    if "vary" in entry:
        return Capability(entry["name"], "INV", _varied(entry, words))
    cases = [Case(_before_and_after(frame)) for frame in _filled(entry, words)]
    return Capability(entry["name"], "INV", tuple(cases))


def _perturbed(seeds: Sequence[Question], entry: Mapping[str, Any]) -> tuple[Case, ...]:
    """A case for each seed that the perturbation changes."""
    change = PERTURBATIONS[entry["perturbation"]]
    pairs = [(seed, Question(change(seed.text), seed.target)) for seed in seeds]
    return tuple(Case(pair) for pair in pairs if pair[0] != pair[1])


def _varied(entry: Mapping[str, Any], words: Words) -> tuple[Case, ...]:
    """Each frame with the first word of the varied slot beside the same with each other word."""
    slot = entry["vary"]
    cases = []
    for number, frame in enumerate(entry["frames"]):
        first, *others = [
            Question(
                *(fill(frame.get(key, ""), {**words, slot: [word]}, number) for key in _FIELDS)
            )
            for word in words[slot]
        ]
        cases += [Case((first, other)) for other in others]
    return tuple(cases)
