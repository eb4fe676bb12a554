"""How a checkpoint errs in the news that is watched, by what analysts said of its labels.

Stories asked about at random are not a random part of the news: what the policy was unsure of is
asked about first, and nobody is asked again. So the news has two parts. Of one, asked about for a
reason, every story is known; of the rest those asked about at random ("audit") stand for all.
1/selection would not do: it undoes how a question was drawn, not which ones were gone by then.

Several analysts on one story are one story: true is what most of them allow. A rejection without
a correction allows the two other labels and is dealt out between them as likely as each is (EM;
Dempster, Laird and Rubin 1977). Left out, it would leave confirmations alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.store import audits, standings
from monitor.store.audits import Heard
from monitor.store.engine import Transaction
from monitor.store.standings import TRUSTED
from policy.types import SENTIMENTS

_ROUNDS = 30  # of EM: the shares then stand still to a thousandth

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A counted label and what it may truly be; places in SENTIMENTS."""

    said: int
    truths: tuple[int, ...]
    audit: bool  # first asked about at random


def seen(tx: Transaction, checkpoint: str, of_names: bool, prior: Floats) -> Floats:
    """(3, 3) counted labels by truth (row) and by what was counted, worth as many as were audited.

    Of labels towards names, or of headlines as such. `prior`: (3, 3), the same as known otherwise,
    worth as many stories as it sums to; used where a truth is not told. Zeros without audits.
    """
    judged = _stories(audits.heard(tx, checkpoint, of_names, _disbelieved(tx)))
    known = [one for _, one in judged]
    audited = sum(one.audit for one in known)
    if not audited:
        return np.zeros((3, 3))
    times = [verdict.labelled_at for verdict, _ in judged]
    news = audits.labelled(tx, checkpoint, of_names, min(times), max(times))
    asked = len(known) - audited
    return _dealt(known, audited / (news - asked), prior)


def _disbelieved(tx: Transaction) -> list[str]:
    """Who may not judge a candidate does not judge here either; newcomers may."""
    return [one.analyst for one in standings.latest(tx) if one.standing != TRUSTED]


def _stories(verdicts: Sequence[Heard]) -> list[tuple[Heard, _Judged]]:
    """One of each label that was judged, with the first verdict on it."""
    about: defaultdict[tuple[int, str], list[Heard]] = defaultdict(list)
    for verdict in verdicts:
        about[verdict.story_id, verdict.target].append(verdict)
    return [(some[0], _judged(some)) for some in about.values()]


def _judged(verdicts: Sequence[Heard]) -> _Judged:
    first = verdicts[0]
    allowed = Counter(place for verdict in verdicts for place in _allowed(verdict))
    most = max(allowed.values())
    truths = tuple(sorted(place for place, voices in allowed.items() if voices == most))
    said = "negative" if first.negative else "positive" if first.positive else "neutral"
    return _Judged(SENTIMENTS.index(said), truths, first.why == "audit")


def _allowed(verdict: Heard) -> list[int]:
    named = verdict.shown if verdict.answer == "confirm" else verdict.correction
    if named:
        return [SENTIMENTS.index(named)]
    denied = {verdict.shown, *verdict.options}
    return [place for place, label in enumerate(SENTIMENTS) if label not in denied]


def _dealt(known: Sequence[_Judged], weight: float, prior: Floats) -> Floats:
    """The matrix; those asked about for a reason count by `weight`, audits as one each."""
    counts: defaultdict[tuple[int, tuple[int, ...]], float] = defaultdict(float)
    for one in known:
        counts[one.said, one.truths] += 1.0 if one.audit else weight
    matrix = np.zeros((3, 3))
    for _ in range(_ROUNDS):
        chances = _chances(matrix, prior)
        matrix = np.zeros((3, 3))
        for (said, truths), count in counts.items():
            some = list(truths)
            matrix[some, said] += count * chances[some, said] / chances[some, said].sum()
    return matrix


def _chances(matrix: Floats, prior: Floats) -> Floats:
    """(3, 3) how likely truth and label are together: rates of both sources, shares of audits."""
    rates = matrix + prior + 1 / 3
    shares = matrix.sum(axis=1, keepdims=True) + 1 / 3
    return np.asarray(shares * rates / rates.sum(axis=1, keepdims=True))
