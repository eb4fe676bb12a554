"""Frames: sentences with slots, read from the data files beside this module.

A file holds groups and frames, a line each; `#` starts a comment:

    = group | topic                 the group of the lines below; topic "-" is unknown
    + text    - text    0 text      a frame that is positive, negative, neutral
    * <+rises;-falls;0is flat> ...  turned: one example a sign, all else alike
    @ C+ bank- : text               by target: one example a slot named, each its own sign;
                                    with `*` and `~` (the opposite) the text's spots decide

Within a text: {slot} is filled, the same value wherever it recurs (`bank2` is another `bank`);
[this|that|] is a free choice; a(n) becomes the article that the next word wants.
A text that ends in a full stop is prose, any other a headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

_SPOT = re.compile(r"<([^<>]+)>")
_SIGNS = {"+": "positive", "-": "negative", "0": "neutral"}
_OPPOSITE = {"+": "-", "-": "+", "0": "0"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a data file; `asked` pairs each target's slot ("" the whole) with its mark."""

    group: str
    topic: str | None
    text: str
    asked: tuple[tuple[str, str], ...]

    @property
    def signs(self) -> tuple[str, ...]:
        """The ways in which the spots can be turned; "" where there is nothing to turn."""
        spots = [{part[0] for part in each.split(";")} for each in _SPOT.findall(self.text)]
        return tuple(sorted(set.intersection(*spots))) if spots else ("",)

    def labels(self, sign: str) -> list[tuple[str, str]]:
        """(target's slot, sentiment) for each example of the text turned this way."""
        return [(slot, _sentiment(mark, sign)) for slot, mark in self.asked]


def turned(text: str, sign: str) -> str:
    """The text with each spot's wordings for this sign, still a free choice [a|b]."""

    def worded(spot: re.Match[str]) -> str:
        words = {part[0]: part[1:] for part in spot.group(1).split(";")}
        return f"[{words[sign]}]"

    return _SPOT.sub(worded, text)


def _sentiment(mark: str, sign: str) -> str:
    if mark == "*":
        return _SIGNS[sign]
    return _SIGNS[_OPPOSITE[sign] if mark == "~" else mark]


def read_frames() -> list[Frame]:
    """Every frame of every data file, in the order of names and lines."""
    folder = resources.files("policy.contrast")
    names = sorted(each.name for each in folder.iterdir() if each.name.startswith("frames_"))
    return [frame for name in names for frame in _parsed(folder.joinpath(name).read_text("utf-8"))]


def _parsed(text: str) -> Iterator[Frame]:
    group, topic = "", None
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("="):
            group, named = (part.strip() for part in line[1:].split(" | ", 1))
            topic = None if named == "-" else named
        else:
            yield _frame(group, topic, line)


def _frame(group: str, topic: str | None, line: str) -> Frame:
    if not line.startswith("@ "):
        return Frame(group, topic, line[2:].strip(), (("", line[0]),))
    asked, text = line[2:].split(" : ", 1)
    return Frame(group, topic, text.strip(), tuple((each[:-1], each[-1]) for each in asked.split()))
