"""What the room of the policy speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Tier = Literal["gpu", "cpu", "fallback"]

TOPICS: tuple[str, ...] = (
    "Analyst Update",
    "Fed | Central Banks",
    "Company | Product News",
    "Treasuries | Corporate Debt",
    "Dividend",
    "Earnings",
    "Energy | Oil",
    "Financials",
    "Currencies",
    "General News | Opinion",
    "Gold | Metals | Materials",
    "IPO",
    "Legal | Regulation",
    "M&A | Investments",
    "Macro",
    "Markets",
    "Politics",
    "Personnel Change",
    "Stock Commentary",
    "Stock Movement",
)
SENTIMENTS: tuple[str, ...] = ("negative", "neutral", "positive")


def counts_as_negative(sentiments: Sequence[float]) -> bool:
    """Whether negative is the likeliest of (3,) probabilities, a tie included.

    This is what shares and baselines are made of: belief, not choice. So a new table of rewards,
    which moves the choices, moves no baseline and no promise about false alarms.
    """
    return sentiments[SENTIMENTS.index("negative")] == max(sentiments)


def counts_as_positive(sentiments: Sequence[float]) -> bool:
    """Whether positive is the likeliest of (3,) probabilities; a tie with negative is negative."""
    likeliest = sentiments[SENTIMENTS.index("positive")] == max(sentiments)
    return likeliest and not counts_as_negative(sentiments)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The policy's answer for one (text, target): two distributions, and a label out of each.

    A policy tuned towards rewards may choose another label than the likeliest one, where missing
    a negative costs more than a false one. The label chosen is shown; `negative` and `positive`
    are counted.
    """

    topic_probabilities: tuple[float, ...]  # (20,) in the order of TOPICS, summing to 1
    sentiment_probabilities: tuple[float, ...]  # (3,) in the order of SENTIMENTS, summing to 1
    topic: str
    sentiment: str

    @classmethod
    def likeliest(cls, topics: tuple[float, ...], sentiments: tuple[float, ...]) -> Prediction:
        """The answer of a policy that always chooses the likeliest label."""
        topic = TOPICS[topics.index(max(topics))]
        return cls(topics, sentiments, topic, SENTIMENTS[sentiments.index(max(sentiments))])

    @property
    def negative(self) -> bool:
        return counts_as_negative(self.sentiment_probabilities)

    @property
    def positive(self) -> bool:
        return counts_as_positive(self.sentiment_probabilities)


class Policy(Protocol):
    """Whatever labels: the transformer, the linear fallback, a test's own."""

    @property
    def checkpoint(self) -> str:
        """Id of the weights that answer."""
        ...

    @property
    def tier(self) -> Tier: ...

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text, in input order; a target "" asks about the whole headline."""
        ...
