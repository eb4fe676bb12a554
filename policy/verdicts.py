"""What an analyst said of a label: one record, as the store keeps it and learners read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from policy.types import SENTIMENTS, TOPICS

Head = Literal["topic", "sentiment"]
Answer = Literal["confirm", "reject", "abstain"]
# Why the item was served. "disagreement": champion and challenger differ on it. "import": not
# served by us. A blind item, of whatever reason, is one whose `shown` is "".
Why = Literal["uncertain", "audit", "gold", "alert", "disagreement", "import"]
Reason = Literal[
    "", "real", "duplicate", "wrong topic", "wrong sentiment", "known", "immaterial", "neither"
]

LABELS: dict[Head, tuple[str, ...]] = {"topic": TOPICS, "sentiment": SENTIMENTS}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer about one head of one (text, target), with what it takes to learn from it.

    A blind item shows nothing: its answer is "reject" with a correction, its propensity 1.
    """

    id: str  # unique; of an imported row a hash of what it says, so that a repeat is dropped
    text: str
    target: str  # "" is the headline as a whole
    head: Head
    shown: str  # the label shown; "" where none was (blind)
    propensity: float  # μ(shown | text, target) when it was served, in (0, 1]
    selection: float  # probability that this item was chosen for review, in (0, 1]
    analyst: str
    answer: Answer
    correction: str  # the right label by the analyst; "" where none was given
    reason: str  # one of Reason
    at: datetime  # UTC-aware
    why: Why = "import"
    checkpoint: str = ""  # that labelled the item
    truth: str = ""  # of a gold item: the known answer; never trained on

    @property
    def blind(self) -> bool:
        return not self.shown
