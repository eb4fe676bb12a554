"""What a verdict says in a trial: which of two policies has the right label, if it tells.

Only what reveals the right label counts. A plain reject says that one label is wrong and not which
is right: where there are twenty topics the other policy's is most likely wrong too. So it counts
for nobody, which errs on the side of what is live (the same in a probation, where it errs on the
side of the new champion; corrections and the queue's blind pairs are what moves either).
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.learning.bench import Asked
from monitor.store.trials import Judgement
from monitor.store.verdicts import Numbered
from policy.types import Prediction
from policy.verdicts import Verdict

NONE_OF_BOTH = ""  # a truth that is revealed to be neither of the labels shown


def truth_of(verdict: Verdict) -> str | None:
    """The right label as the analyst says; NONE_OF_BOTH; None where the verdict does not tell.

    Gold items are no evidence: their answers are known to whoever trains.
    """
    if verdict.truth or verdict.answer == "abstain":
        return None
    if verdict.answer == "confirm":
        return verdict.shown or None
    if verdict.correction:
        return verdict.correction
    return NONE_OF_BOTH if verdict.reason == "neither" else None


def judge(
    trial: int, verdicts: Sequence[Numbered], champion: Asked, challenger: Asked
) -> list[Judgement]:
    """A row for each verdict that tells and on whose head the two differ."""
    telling = [(each, truth) for each in verdicts if (truth := truth_of(each.verdict)) is not None]
    pairs = [(each.verdict.text, each.verdict.target) for each, _ in telling]
    ours, theirs = champion.about(pairs), challenger.about(pairs)
    rows = []
    for (each, truth), pair in zip(telling, pairs, strict=True):
        one, other = _label(ours[pair], each.verdict), _label(theirs[pair], each.verdict)
        if one != other:
            z = (truth == other) - (truth == one)
            rows.append(Judgement(trial, each.number, one, other, z))
    return rows


def _label(said: Prediction, verdict: Verdict) -> str:
    return said.topic if verdict.head == "topic" else said.sentiment
