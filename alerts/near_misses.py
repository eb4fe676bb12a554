"""Rises that came near an alarm and raised none, and which of them are put before an analyst.

Verdicts on alerts say how many alarms were false, never how many spikes were missed. So every
episode that ends with its strongest ln M in [ln A − 1.5, ln A + δ) is kept, and one in twenty,
drawn by a hash that two daemons agree on, is shown as an audit: "would you have wanted this?".
What analysts say of those estimates what they would say of all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scipy.special import betaincinv

from alerts.types import Evidence, Stream

NEAR = 1.5  # nats below ln A
APART = 3.0  # nats below ln A: an episode is over when ln M falls below
ASKED = 0.05  # probability that one is shown
COVERAGE = 0.9  # of the interval around the estimate


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One episode of one stream that raised no alert."""

    id: str
    stream: Stream
    onset: datetime  # start of its first bin
    ended_at: datetime  # end of its last
    margin: float  # largest ln M − ln A
    stories: int
    negatives: int
    baseline: float  # share of negatives that was expected
    probability: float  # with which it was drawn to be shown
    asked: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """How many near-misses would have been worth an alert, of all in a span of time."""

    near_misses: int
    asked: int
    answered: int
    real: int
    estimate: float | None  # None: nobody has answered yet
    low: float  # of the 90 % interval
    high: float


def near_miss(
    episode: Sequence[Evidence], log_threshold: float, bar: float = 0.0
) -> NearMiss | None:
    """The near-miss that a finished episode is, or None where it stayed away or went above.

    `episode`: the bins of one stream, oldest first, in which ln M stood above ln A − APART.
    """
    if not episode:
        return None
    margin = max(one.log_evidence for one in episode) - log_threshold
    if not -NEAR <= margin < max(0.0, bar):
        return None
    first, last = episode[0], episode[-1]
    stories = sum(one.stories for one in episode)
    draw = _hash(first.stream, first.start)
    return NearMiss(
        id=f"audit-{draw:016x}",
        stream=first.stream,
        onset=first.start,
        ended_at=last.start + last.width,
        margin=margin,
        stories=stories,
        negatives=sum(one.negatives for one in episode),
        baseline=sum(one.baseline * one.stories for one in episode) / max(1, stories),
        probability=ASKED,
        asked=draw < ASKED * 2**64,
    )


def missed(near_misses: int, asked: int, answers: Sequence[bool]) -> Missed:
    """`answers`: of each near-miss that was answered, whether it was real.

    Silence is taken for chance, so the real share of those answered stands for all; the interval
    is Clopper and Pearson's for that share.
    """
    n, real = len(answers), sum(answers)
    tail = (1 - COVERAGE) / 2
    low = float(betaincinv(real, n - real + 1, tail)) if real else 0.0
    high = float(betaincinv(real + 1, n - real, 1 - tail)) if real < n else 1.0
    estimate = near_misses * real / n if n else None
    return Missed(near_misses, asked, n, real, estimate, near_misses * low, near_misses * high)


def _hash(stream: Stream, onset: datetime) -> int:
    """Uniform on 64 bits, the same wherever it is reckoned."""
    text = "\x1f".join(("near miss", stream.topic, stream.target, onset.isoformat()))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
