"""A desk of analysts who judge made-up headlines on which two policies differ."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from policy.gate.types import Comparison
from policy.types import TOPICS
from policy.verdicts import Head

DESK = ("ada", "ben", "cleo", "dov", "eva")
_COMMON = [1 / (1 + rank) for rank in range(len(TOPICS))]  # some topics are a tenth of the others


def compared(
    zs: Iterable[int],
    analysts: Sequence[str] = DESK,
    head: Head = "topic",
    labels: tuple[str, str] = ("Markets", "Macro"),
    first: int = 0,
) -> list[Comparison]:
    """Verdicts on headlines that have no word in common, by the analysts in turn."""
    return [
        Comparison(z, analysts[n % len(analysts)], head, f"w{first + n:x}", "", *labels)
        for n, z in enumerate(zs)
    ]


def truths(
    count: int, gain: float, differing: float, draw: random.Random, neither: float = 0.2
) -> list[int]:
    """z of headlines on which two policies differ, `differing` of all: the challenger's accuracy
    is higher by `gain`, and on `neither` of those on which they differ both are wrong."""
    mean = gain / differing
    win, lose = (1 - neither + mean) / 2, (1 - neither - mean) / 2
    return draw.choices((1, -1, 0), (win, lose, neither), k=count)


def judged(
    zs: Sequence[int],
    draw: random.Random,
    desk: Sequence[str] = DESK,
    liars: Mapping[str, int] | None = None,
) -> list[Comparison]:
    """Headlines of all topics, each put before whoever is at hand; `liars` always say the same."""
    who = draw.choices(desk, k=len(zs))
    old = draw.choices(TOPICS, _COMMON, k=len(zs))
    new = [_other(label, draw) for label in old]
    given = liars or {}
    return [
        Comparison(given.get(name, z), name, "topic", f"w{n:x}", "", was, now)
        for n, (z, name, was, now) in enumerate(zip(zs, who, old, new, strict=True))
    ]


def _other(label: str, draw: random.Random) -> str:
    while (found := draw.choices(TOPICS, _COMMON)[0]) == label:
        pass
    return found
