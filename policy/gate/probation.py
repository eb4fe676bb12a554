"""Whether a new champion stays: the mirrored bet, for what was live before it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from policy.gate.evidence import Evidence
from policy.gate.items import first_on_each
from policy.gate.tally import tally
from policy.gate.types import Comparison, Ruling
from policy.gate.wording import counts, short_of


def watch(comparisons: Sequence[Comparison], over: bool, alpha: float = 0.05) -> Ruling:
    """shadow, kept or rolled_back; `over`: the days of probation have passed.

    The champion of a comparison is the new one, the challenger the old one. A new champion that is
    no worse is rolled back with at most the chance `alpha`, however often one looks.
    """
    back = Evidence(-math.log(alpha))
    counted: list[Comparison] = []
    for one in first_on_each(comparisons):
        counted.append(one)
        back.take(one.analyst, one.z)
        if back.proven:
            break
    figures = {
        "log_evidence": round(back.log, 4),
        "log_threshold": round(back.bar, 4),
        "log_evidence_without_any_one": round(back.without_any_one, 4),
        "log_threshold_without_any_one": round(back.others_bar, 4),
    } | tally(counted, len(comparisons))
    said = counts(figures, "old champion", "new one")
    if back.proven:
        nats = f"{back.highest:.2f} nats of {back.bar:.2f} needed"
        return Ruling("rolled_back", (f"shown to be worse than before: {nats}; {said}",), figures)
    lacking = tuple(short_of(back, "against it"))
    if over:
        return Ruling("kept", (f"not shown to be worse: {said}", *lacking), figures)
    return Ruling("shadow", (said, *lacking), figures)
