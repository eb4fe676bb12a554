"""A policy of word lists: what it says of a headline can be read off, and it needs no weights."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policy.data import clean
from policy.types import TOPICS, Prediction, Tier

_WORD = re.compile(r"[a-z&]+(?:'s)?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEGATIVE = _words(
    "accuse accused accuses bankrupt bankruptcy breach collapse collapses concern concerns crash"
    " crisis cut cuts decline declines default defaults delay delays downgrade downgraded drop"
    " drops fail failed fails fall falls fear fears fell fine fined fines fraud freeze freezes halt"
    " halts investigation lawsuit layoffs loss losses miss misses outage plunge plunges probe"
    " probes raid raided recall recalls resign resigns sank scandal selloff shortfall sinks slump"
    " slumps sue sued sues suspend suspended suspends tumble tumbles warn warning warns weak worse"
    " writedown"
)
_POSITIVE = _words(
    "advance advances approval approved beat beats boost boosts climb climbs gain gains grow"
    " grows growth higher jump jumps launches outperform profit raises rallies rally rebound record"
    " rise rises rose soar soars strong surge surges top tops upgrade upgraded upgrades win wins"
)
_KEYS: dict[str, str] = {
    "Analyst Update": "analyst analysts downgrade downgraded downgrades upgrade upgraded upgrades"
    " price-target overweight underweight outperform initiates",
    "Fed | Central Banks": "fed ecb boe boj fomc powell lagarde central rate rates hawkish dovish",
    "Company | Product News": "launches unveils product partnership plant factory contract",
    "Treasuries | Corporate Debt": "treasury treasuries bond bonds yield yields debt notes gilt",
    "Dividend": "dividend dividends payout",
    "Earnings": "earnings quarter quarterly profit revenue results eps guidance",
    "Energy | Oil": "oil crude opec gas energy pipeline brent refinery",
    "Financials": "bank banks lender insurer brokerage deposits",
    "Currencies": "dollar euro yen pound rupee currency forex bitcoin",
    "Gold | Metals | Materials": "gold silver copper steel iron metals mining aluminium",
    "IPO": "ipo listing debut float",
    "Legal | Regulation": "regulator regulators probe probes lawsuit court fine fined fraud sec"
    " antitrust sues sued investigation raid charges settlement",
    "M&A | Investments": "acquire acquires acquisition merger takeover buyout stake bid m&a",
    "Macro": "inflation gdp unemployment jobs economy recession cpi pmi exports",
    "Markets": "stocks futures index indices nasdaq dow s&p markets wall",
    "Politics": "president minister parliament congress senate election vote sanctions",
    "Personnel Change": "ceo cfo chairman appoints appointed resigns resign hires names",
    "Stock Movement": "shares jumps tumbles plunges soars sinks",
}
_TOPIC_WORDS = {word: topic for topic, text in _KEYS.items() for word in _words(text)}
_OTHERWISE = "General News | Opinion"


class WordList:
    """Labels by counting known words; deaf to the target, sure of nothing."""

    checkpoint = "word-list"
    tier: Tier = "fallback"

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text, in input order; targets change nothing."""
        return [_label(_WORD.findall(clean(text).lower())) for text in texts]


def _label(words: Sequence[str]) -> Prediction:
    votes = dict.fromkeys(TOPICS, 0.0) | {_OTHERWISE: 0.5}
    for word in words:
        if topic := _TOPIC_WORDS.get(word):
            votes[topic] += 1.0
    negative = sum(word in _NEGATIVE for word in words)
    positive = sum(word in _POSITIVE for word in words)
    moods = (2.0 * negative, 1.0, 2.0 * positive)  # in the order of SENTIMENTS
    return Prediction.likeliest(_shares([6 * each for each in votes.values()]), _shares(moods))


def _shares(votes: Sequence[float]) -> tuple[float, ...]:
    """Votes to probabilities, each label keeping a little."""
    kept = [each + 0.1 for each in votes]
    return tuple(each / sum(kept) for each in kept)
