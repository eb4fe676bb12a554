"""The newest alerts and what was said of each: what an analyst or an SRE looks back on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Transaction
from monitor.web import reading
from monitor.web.reading import AlertCard

_NEWEST = 200

Judged = Literal["all", "pending", "confirmed", "dismissed"]
# The page says "not judged": beside it a delivery is "pending".
CHOICES: dict[Judged, str] = {
    "all": "all",
    "pending": "not judged",
    "confirmed": "confirmed",
    "dismissed": "dismissed",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An alert in the list."""

    card: AlertCard
    verdicts: str  # in words; "" where nobody has said anything, which is not a no


@dataclass(frozen=True, slots=True)
class History:
    """Those of the newest alerts that are judged as chosen."""

    chosen: Judged
    counts: dict[Judged, int]  # of the newest; one that analysts disagree about counts twice
    entries: tuple[Entry, ...]


def read(tx: Transaction, chosen: Judged) -> History:
    """Parents only: their children stand inside them."""
    newest = alerts.latest(tx, _NEWEST)
    said = alert_verdicts.of_each(tx, [alert.id for alert in newest])
    judged = {alert.id: _judged(said[alert.id]) for alert in newest}
    counts = Counter(word for words in judged.values() for word in words)
    shown = [alert for alert in newest if chosen in judged[alert.id]]
    return History(
        chosen,
        {choice: counts[choice] for choice in CHOICES},
        tuple(Entry(reading.card(tx, one), in_words(said[one.id])) for one in shown),
    )


def in_words(said: Sequence[AlertVerdict]) -> str:
    """As in `confirmed by 2 · dismissed by 1 (known)`; without names, which an alert's own page
    tells to analysts."""
    told = []
    for answer, word in (("confirm", "confirmed"), ("reject", "dismissed")):
        alike = [one for one in said if one.answer == answer]
        if alike:
            told.append(f"{word} by {len(alike)}{_why(alike)}")
    return " · ".join(told)


def _judged(said: Sequence[AlertVerdict]) -> list[Judged]:
    answers = {one.answer for one in said}
    words: dict[Judged, bool] = {
        "all": True,
        "pending": not answers,
        "confirmed": "confirm" in answers,
        "dismissed": "reject" in answers,
    }
    return [word for word, holds in words.items() if holds]


def _why(alike: Sequence[AlertVerdict]) -> str:
    """The reasons of a rejection, the most frequent first, and how many came by mail."""
    reasons = Counter(one.reason for one in alike if one.reason not in ("", "real"))
    notes = [*reasons.most_common(), ("by mail", sum(one.route == "mail" for one in alike))]
    told = [note if n == len(alike) else f"{n} {note}" for note, n in notes if n]
    return f" ({', '.join(told)})" if told else ""
