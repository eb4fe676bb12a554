"""Who lied, and after how many lies that was known: of everything, or of one name alone."""

from __future__ import annotations

import torch
from torch import Tensor

from policy.annotators import NAMED, suspicion
from policy.bandit.memory import Known


def accused(known: Known, analyst: int, named: Tensor | None = None) -> int | None:
    """The verdict (its place in n) that gives the analyst away, or None.

    Each is held against what was believed before it was given. `named` (n,) narrows the look to
    verdicts on one name.
    """
    own = known.feedback.analyst == analyst
    places = (own if named is None else own & named).nonzero().squeeze(1)
    if not len(places):
        return None
    nats = suspicion(known.feedback.take(places), known.beliefs[places].exp())
    hits = (nats >= NAMED).nonzero()
    return int(places[hits[0, 0]]) if len(hits) else None


def unheard(known: Known, named: Tensor, analysts: int) -> Tensor:
    """Verdicts (n,) on one name by analysts who lie about it: not to be learned from.

    Who lies about everything is heard all the same: the panel turns what they say round.
    """
    out = torch.zeros(len(known.rows), dtype=torch.bool)
    for analyst in range(analysts):
        if accused(known, analyst) is None and accused(known, analyst, named) is not None:
            out |= (known.feedback.analyst == analyst) & named
    return out


def exposure(known: Known, named: Tensor, liars: int, analysts: int) -> dict[str, object]:
    """Lies each liar had told when named (None: never was), and the honest ones who were named."""
    after: list[int | None] = []
    for analyst in range(liars):
        found = [accused(known, analyst), accused(known, analyst, named)]
        first = min((each for each in found if each is not None), default=None)
        lies = known.false & (known.feedback.analyst == analyst)
        after.append(None if first is None else int(lies[: first + 1].sum()))
    wrongly = [
        analyst
        for analyst in range(liars, analysts)
        if any(accused(known, analyst, only) is not None for only in (None, named))
    ]
    return {"named_after": after, "honest_named": wrongly}
