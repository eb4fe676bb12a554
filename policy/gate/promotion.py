"""Whether a challenger goes live: by the verdicts on items where it and the champion differ.

Called after each verdict or once a week, it rules the same: it goes through the verdicts in their
order and stops at the first that decides. Undecided after 400, the challenger is refused; so it
is, earlier, where it is shown to be worse: on the whole, of one head, or around one label.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from policy.gate.evidence import Evidence
from policy.gate.items import first_on_each
from policy.gate.losses import Losses, place
from policy.gate.tally import tally
from policy.gate.types import Comparison, Ruling, State
from policy.gate.wording import counts, short_of

MOST = 400  # verdicts after which a challenger that proved nothing is given up


def share(alpha: float, test: int) -> float:
    """The part of `alpha` that the k-th test of a quarter has: Σ 6/(π²k²) = 1 over all k."""
    if test < 1:
        raise ValueError(f"test {test}: tests are numbered from 1")
    return alpha * 6 / (math.pi * test) ** 2


def rule(comparisons: Sequence[Comparison], test: int, alpha: float = 0.05) -> Ruling:
    """shadow, promoted or refused.

    `test` is k: which test of its quarter this is. Whatever the number of candidates in the
    quarter, one that is no better than its champion is promoted with at most the chance `alpha`.
    """
    gain, losses = Evidence(-math.log(share(alpha, test))), Losses(-math.log(alpha))
    counted: list[Comparison] = []
    for one in first_on_each(comparisons):
        counted.append(one)
        gain.take(one.analyst, one.z)
        losses.take(one)
        if losses.proven or gain.proven or len(counted) == MOST:
            break
    figures = _figures(gain, losses) | tally(counted, len(comparisons)) | {"test": test}
    state, reasons = _state(gain, losses, figures)
    return Ruling(state, reasons, figures)


def again(comparisons: Sequence[Comparison], test: int, alpha: float = 0.05) -> Ruling:
    """`rule` for a challenger that has passed and waits for people.

    It has still to pass by the verdicts that count now, such as without those of a liar who was
    found out meanwhile; and from its proof on a new bet runs against it, so that what analysts say
    while it waits may refuse it.
    """
    ruling = rule(comparisons, test, alpha)
    if ruling.state != "promoted":
        return ruling
    since = Losses(-math.log(alpha))
    later = first_on_each(comparisons)[ruling.figures["judged"] :]
    for one in later:
        since.take(one)
    figures = {**ruling.figures, "since": {"judged": len(later), "loss": since.figures()}}
    if not since.proven:
        return Ruling("promoted", ruling.reasons, figures)
    worse = (f"since it passed {_worse(name, each)}" for name, each in since.proven.items())
    return Ruling("refused", tuple(worse), figures)


def _state(
    gain: Evidence, losses: Losses, figures: dict[str, Any]
) -> tuple[State, tuple[str, ...]]:
    said = counts(figures, "challenger", "champion")
    if losses.proven:
        return "refused", tuple(_worse(name, each) for name, each in losses.proven.items())
    if gain.proven:
        why = f"shown to be better: {gain.highest:.2f} nats of {gain.bar:.2f} needed; {said}"
        return "promoted", (why,)
    lacking = tuple(short_of(gain, "for the challenger"))
    if figures["judged"] >= MOST:
        return "refused", (f"not shown to be better by {MOST} verdicts: {said}", *lacking)
    return "shadow", (f"{said}, of {MOST} at most", *lacking)


def _worse(name: str, evidence: Evidence) -> str:
    nats = f"{evidence.highest:.2f} nats of {evidence.bar:.2f}"
    return f"shown to be worse {place(name)}: {nats}, and not by one analyst alone"


def _figures(gain: Evidence, losses: Losses) -> dict[str, Any]:
    return {
        "log_evidence": round(gain.log, 4),
        "log_threshold": round(gain.bar, 4),
        "log_evidence_without_any_one": round(gain.without_any_one, 4),
        "log_threshold_without_any_one": round(gain.others_bar, 4),
        "log_evidence_of_loss": losses.figures(),
    }
