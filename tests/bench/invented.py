"""Invented headlines by the thousand, for benchmarks that label them; no two are alike."""

from __future__ import annotations

import random

_SUBJECTS = ("Halvorsen", "Brightwater Mining", "the Tellumar central bank", "Quayside Foods")
_EVENTS = (
    "opens probe into accounts of its largest unit after auditors resign",
    "raises dividend",
    "posts quarterly profit above estimates as costs ease and orders return",
    "holds rates, sees inflation easing next year",
)


def headlines(many: int) -> list[str]:
    """The same for the same number."""
    draw = random.Random(0)
    return [f"{draw.choice(_SUBJECTS)} {draw.choice(_EVENTS)} {i}" for i in range(many)]
