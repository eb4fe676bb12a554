"""How a checkpoint errs in the news that is watched, by what analysts said of its labels.

Stories asked about at random are not a random part of the news: what the policy was unsure of is
asked about first, and nobody is asked again. When one is drawn at random ("audit"), k of the N
stories in the window have been answered and are known; it stands for the N − k others. The mean of
that over all audits is unbiased, as in active testing (Farquhar, Gal and Rainforth, ICLR 2021).
1/selection alone would not do: it undoes how a question was drawn, not which ones were gone.

Several analysts on one story are one story: true is what most of them allow. A rejection without
a correction allows the two other labels and is dealt out between them as likely as each is (EM;
Dempster, Laird and Rubin 1977). Left out, it would leave confirmations alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.store import audits, standings
from monitor.store.audits import Heard
from monitor.store.engine import Transaction
from monitor.store.standings import TRUSTED
from policy.types import SENTIMENTS

LATELY = timedelta(days=90)  # before the newest verdict: older news was other news
_ROUNDS = 30  # of EM: the shares then stand still to a thousandth

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A counted label and what it may truly be; places in SENTIMENTS."""

    said: int
    truths: tuple[int, ...]
    audit: bool  # first asked about at random
    at: datetime  # of the first verdict
    born: datetime  # when the story was first seen


def seen(
    tx: Transaction, checkpoint: str, of_names: bool, window: timedelta, prior: Floats
) -> Floats:
    """(3, 3) counted labels by truth (row) and by what was counted, worth as many as were audited.

    Of labels towards names, or of headlines as such. `window`: how old a headline is asked about.
    `prior`: (3, 3) the same as known otherwise, worth as many stories as it sums to; used where a
    truth is not told. Zeros without audits.
    """
    verdicts = audits.heard(tx, checkpoint, of_names, _disbelieved(tx))
    known = _stories(verdicts)
    if not any(one.audit for one in known):
        return np.zeros((3, 3))
    began = known[0].at - window
    news = audits.counted(tx, checkpoint, of_names, began)
    return _dealt(known, _worth(known, news, window), prior)


def _disbelieved(tx: Transaction) -> list[str]:
    """Who may not judge a candidate does not judge here either; newcomers may."""
    return [one.analyst for one in standings.latest(tx) if one.standing != TRUSTED]


def _stories(verdicts: Sequence[Heard]) -> list[_Judged]:
    """One of each label that was judged of late, in the order of the first verdicts."""
    about: defaultdict[tuple[int, str], list[Heard]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.at >= verdicts[-1].at - LATELY:
            about[verdict.story_id, verdict.target].append(verdict)
    return [_judged(some) for some in about.values()]


def _judged(verdicts: Sequence[Heard]) -> _Judged:
    first = verdicts[0]
    allowed = Counter(place for verdict in verdicts for place in _allowed(verdict))
    most = max(allowed.values())
    truths = tuple(sorted(place for place, voices in allowed.items() if voices == most))
    said = "negative" if first.negative else "positive" if first.positive else "neutral"
    audit = first.why == "audit"
    return _Judged(SENTIMENTS.index(said), truths, audit, first.at, first.first_seen_at)


def _allowed(verdict: Heard) -> list[int]:
    named = verdict.shown if verdict.answer == "confirm" else verdict.correction
    if named:
        return [SENTIMENTS.index(named)]
    denied = {verdict.shown, *verdict.options}
    return [place for place, label in enumerate(SENTIMENTS) if label not in denied]


def _worth(known: Sequence[_Judged], news: Mapping[datetime, int], window: timedelta) -> Floats:
    """(J,) what each stands for, in audits. `news`: how many stories there were, by their bin."""
    at = np.array([one.at.timestamp() for one in known])
    born = np.array([one.born.timestamp() for one in known])
    bins = np.array([start.timestamp() for start in news])
    stories = np.array(list(news.values()), dtype=np.float64)
    worth = np.zeros(len(known))
    for place in (place for place, one in enumerate(known) if one.audit):
        since = at[place] - window.total_seconds()
        answered = np.flatnonzero(born[:place] >= since)
        there = stories[(bins >= since) & (bins <= at[place])].sum()
        there = max(there, len(answered) + 1.0)
        worth[answered] += 1 / there
        worth[place] += 1 - len(answered) / there
    return worth


def _dealt(known: Sequence[_Judged], worth: Floats, prior: Floats) -> Floats:
    counts: defaultdict[tuple[int, tuple[int, ...]], float] = defaultdict(float)
    for one, each in zip(known, worth, strict=True):
        counts[one.said, one.truths] += each
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
