"""Evidence that the challenger is worse: on the whole, or on the headlines of one right label."""

from __future__ import annotations

from typing import Any

from policy.gate.evidence import Evidence
from policy.gate.types import Comparison

WHOLE = "all"


class Losses:
    """A bet against the challenger in each slice: wins and losses where one label is right.

    A verdict that says another label is right counts 0 in a slice: its mean is by how much more
    often the challenger finds that label than the champion.
    """

    def __init__(self, bar: float) -> None:
        self._bar = bar
        self._slices: dict[str, Evidence] = {WHOLE: Evidence(bar)}
        self.proven: dict[str, Evidence] = {}  # the slices where the challenger is shown worse

    def take(self, one: Comparison) -> None:
        for name in (WHOLE, slice_of(one)) if one.right else ():
            evidence = self._slices.setdefault(name, Evidence(self._bar))
            evidence.take(one.analyst, -one.z)
            if evidence.proven:
                self.proven[name] = evidence

    def figures(self) -> dict[str, Any]:
        """Nats for "worse" by slice, the most first."""
        ordered = sorted(self._slices.items(), key=lambda pair: (-pair[1].log, pair[0]))
        return {name: round(each.log, 4) for name, each in ordered}


def slice_of(one: Comparison) -> str:
    return f"{one.head}: {one.right}"
