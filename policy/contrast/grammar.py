"""Contrast rows: frames filled until every group and label has its share."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from math import sqrt

from policy.contrast.fill import Filler
from policy.contrast.frames import Frame, read_frames, turned
from policy.contrast.style import styled
from policy.data import Example

_TICKER = 0.12  # share of headlines in which the company is its ticker
_ASKED = 0.35  # share of the rows about one company that name it as the target
_TRIES = 50  # fillings in a row without a new text after which the frames are used up

_SPOT = re.compile(r"<[^<>]*>")
_COMPANY = re.compile(
    r"\{(C|T|bank|pharma|carmaker|airline|retailer|miner|oil|builder|tech|insurer|scary)\}"
)
_MARKET = re.compile(r"\{(country|currency|index|metal|crop|commodity)\}")

Cell = tuple[str, str]  # group, sentiment


def contrast_rows(seed: int, rows: int = 6_000) -> list[Example]:
    """At least `rows` labelled headlines (a few more to end a pair), fewer if frames run out.

    Cells of (group, sentiment) grow as the square root of their frames; within a cell every frame
    is used as often as the next. The same seed gives the same rows; no text comes twice a target.
    """
    return [example for _, example in grouped_rows(seed, rows)]


def grouped_rows(seed: int, rows: int) -> list[tuple[str, Example]]:
    """The rows of `contrast_rows`, each with its group."""
    dice = random.Random(seed)
    cells = _cells(read_frames())
    used: Counter[Frame] = Counter()
    filled: Counter[Cell] = Counter()
    made: dict[tuple[str, str], tuple[str, Example]] = {}
    tries = 0
    while len(made) < rows and tries < _TRIES:
        cell = min(cells, key=lambda each: (filled[each] / sqrt(len(cells[each])), each))
        frame = min(cells[cell], key=lambda each: (used[each], dice.random()))
        used[frame] += 1
        new = [
            each for each in _examples(frame, dice) if (each.text.lower(), each.target) not in made
        ]
        tries = 0 if new else tries + 1
        for each in new:
            made[each.text.lower(), each.target] = (frame.group, each)
            filled[frame.group, str(each.sentiment)] += 1
    return list(made.values())


def _cells(frames: list[Frame]) -> dict[Cell, list[Frame]]:
    cells: dict[Cell, list[Frame]] = defaultdict(list)
    for frame in frames:
        for sentiment in sorted({label for sign in frame.signs for _, label in frame.labels(sign)}):
            cells[frame.group, sentiment].append(frame)
    return cells


def _examples(frame: Frame, dice: random.Random) -> list[Example]:
    """One filling of the frame, turned every way, set in one style."""
    filler = Filler(dice)
    if not frame.text.endswith(".") and dice.random() < _TICKER:
        filler.give("C", "T")
    style = styled(frame.text, dice)
    chosen = filler.choose(frame.text)
    slot = _subject(frame, chosen) if dice.random() < _ASKED else ""
    examples = []
    for sign in frame.signs:
        text = style(filler.fill(turned(chosen, sign)))
        for named, label in frame.labels(sign):
            name = filler.value(named or slot) if named or slot else ""
            examples.append(Example(text, _as_set(name, text), frame.topic, label))
    return examples


def _subject(frame: Frame, chosen: str) -> str:
    """The slot that the sentence is about, "" if it names its targets itself or has none."""
    if frame.asked[0][0]:
        return ""
    always = _SPOT.sub("", chosen)
    found = _COMPANY.search(always) or _MARKET.match(always)
    return found.group(1) if found else ""


def _as_set(name: str, text: str) -> str:
    """The name in the letters that the text's style gave it."""
    start = text.lower().index(name.lower())
    return text[start : start + len(name)]
