"""What a verdict says in a trial: which of two policies has the right label, if it tells.

The queue's blind pairs always tell. A verdict on a label that was shown tells when it confirms, and
when it rejects only if a correction comes with it; so whoever's label is shown would win whenever
it is right and seldom lose: with a quarter of such verdicts a challenger that is two points better
needs 194 in place of 85, and with them alone it is "shown to be worse". A confirmation of the
champion's label therefore counts only as often as its analyst is known to correct, drawn by its
id: wins and losses are then seen equally often. Of other labels than the champion's, where the
error would be on the side of the challenger, none counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from monitor.learning.bench import Asked
from monitor.store.trials import Habit, Judgement
from monitor.store.verdicts import Numbered
from policy.types import Prediction
from policy.verdicts import Verdict

NONE_OF_BOTH = ""  # a truth that is revealed to be neither of the labels shown
_UNKNOWN = Habit(0, 0)


def truth_of(verdict: Verdict, champions: str, habit: Habit = _UNKNOWN) -> str | None:
    """The right label as the analyst says; NONE_OF_BOTH; None where the verdict does not tell.

    `champions` is the champion's label. Gold items are no evidence: their answers are known to
    whoever trains.
    """
    if verdict.truth or verdict.answer == "abstain" or verdict.shown not in ("", champions):
        return None
    if verdict.answer == "confirm":
        return verdict.shown if _draw(verdict.id) < corrects(habit) else None
    if verdict.correction:
        return verdict.correction
    return NONE_OF_BOTH if verdict.blind and verdict.reason == "neither" else None


def corrects(habit: Habit) -> float:
    """How often a rejection comes with a correction: rather too high, for the champion."""
    return min(1.0, (habit.corrected + 2) / (habit.rejected + 2))


def _draw(id_: str) -> float:
    """In [0, 1), by chance but the same each time."""
    return int.from_bytes(hashlib.sha256(id_.encode()).digest()[:6], "big") / 2**48


def judge(
    trial: int,
    verdicts: Sequence[Numbered],
    champion: Asked,
    challenger: Asked,
    habits: Mapping[str, Habit],
) -> list[Judgement]:
    """A row for each verdict that tells and on whose head the two differ.

    `habits` are the analysts', known before these verdicts.
    """
    pairs = [(each.verdict.text, each.verdict.target) for each in verdicts]
    ours, theirs = champion.about(pairs), challenger.about(pairs)
    rows = []
    for each, pair in zip(verdicts, pairs, strict=True):
        one, other = _label(ours[pair], each.verdict), _label(theirs[pair], each.verdict)
        truth = truth_of(each.verdict, one, habits.get(each.verdict.analyst, _UNKNOWN))
        if one != other and truth is not None:
            z = (truth == other) - (truth == one)
            rows.append(Judgement(trial, each.number, one, other, z))
    return rows


def _label(said: Prediction, verdict: Verdict) -> str:
    return said.topic if verdict.head == "topic" else said.sentiment
