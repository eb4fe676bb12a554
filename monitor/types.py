"""What the daemon speaks of: feeds as documents, articles, labels. All times are UTC-aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policy.types import counts_as_negative


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of one feed document, before it meets the store."""

    guid: str  # the publisher's id, else the canonical URL, else a hash of the title
    url: str  # canonical; "" where the entry has none
    title: str  # plain text, one line
    summary: str  # plain text
    published_raw: str  # the publisher's own words, untouched
    published_at: datetime | None  # None where unreadable or implausible
    language: str  # "" where not stated
    publisher: str = ""  # outlet named inside the entry (aggregators), else ""


@dataclass(frozen=True, slots=True)
class Label:
    """The policy's answer for one (article, target); target "" is the headline as a whole.

    `sentiment` is the label that the policy chose, for people to see; `negative` is what the
    detector counts, and goes by the probabilities alone.
    """

    article_id: int
    target: str
    topic: str
    sentiment: str
    topic_probabilities: tuple[float, ...]
    sentiment_probabilities: tuple[float, ...]
    checkpoint: str
    tier: str
    labelled_at: datetime

    @property
    def negative(self) -> bool:
        return counts_as_negative(self.sentiment_probabilities)
