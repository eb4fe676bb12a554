"""What was said for whom: the figures of a ruling beside the evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from policy.gate.losses import slices_of
from policy.gate.types import Comparison

_ANSWERS = {1: "wins", -1: "losses", 0: "neither"}  # the challenger's


def tally(counted: Sequence[Comparison], given: int) -> dict[str, Any]:
    """Counts of the verdicts that count, of `given` in all; by slice; by analyst."""
    return {
        "judged": len(counted),
        **_answers([one.z for one in counted]),
        "repeated": given - len(counted),
        "by_slice": _grouped(counted, slices_of),
        "by_analyst": _grouped(counted, lambda one: (one.analyst,)),
    }


def _grouped(
    counted: Sequence[Comparison], names: Callable[[Comparison], tuple[str, ...]]
) -> dict[str, Any]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for one in counted:
        for name in names(one):
            groups[name].append(one.z)
    return {name: _answers(groups[name]) for name in sorted(groups)}


def _answers(zs: Sequence[int]) -> dict[str, int]:
    counts = Counter(zs)
    return {name: counts[z] for z, name in _ANSWERS.items()}
