"""What the room of the policy speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Prediction:
    """The policy's answer for one (text, target): two distributions, each summing to 1."""

    topic_probabilities: tuple[float, ...]  # (20,) in the order of TOPICS
    sentiment_probabilities: tuple[float, ...]  # (3,) in the order of SENTIMENTS

    @property
    def topic(self) -> str:
        return TOPICS[self.topic_probabilities.index(max(self.topic_probabilities))]

    @property
    def sentiment(self) -> str:
        return SENTIMENTS[self.sentiment_probabilities.index(max(self.sentiment_probabilities))]
