"""Evidence that the challenger is worse: on the whole, of one head, or where it leaves a label or
turns to one."""

from __future__ import annotations

from policy.gate.evidence import Evidence
from policy.gate.types import Comparison

WHOLE = "all"


class Losses:
    """A bet against the challenger in every slice of the headlines on which the two differ.

    What slice a headline is in is known before the verdict. Slices by the right label would not be:
    whoever draws the line between two labels anew, and better, loses every headline that is still
    on the old side, and would be refused for each gain.
    """

    def __init__(self, bar: float) -> None:
        self._bar = bar
        self._slices: dict[str, Evidence] = {}
        self.proven: dict[str, Evidence] = {}  # the slices where the challenger is shown worse

    def take(self, one: Comparison) -> None:
        for name in slices_of(one):
            evidence = self._slices.setdefault(name, Evidence(self._bar))
            evidence.take(one.analyst, -one.z)
            if evidence.proven:
                self.proven[name] = evidence

    def figures(self) -> dict[str, float]:
        """Nats for "worse" by slice, the most first."""
        ordered = sorted(self._slices.items(), key=lambda pair: (-pair[1].log, pair[0]))
        return {name: round(each.log, 4) for name, each in ordered}


def slices_of(one: Comparison) -> tuple[str, ...]:
    return (
        WHOLE,
        one.head,
        f"from {one.head} {one.champion_label}",
        f"to {one.head} {one.challenger_label}",
    )


def place(name: str) -> str:
    """A slice for a sentence."""
    if name == WHOLE:
        return "on the whole"
    return f"where it turns {name}" if " " in name else f"in {name}"
