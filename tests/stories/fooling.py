"""Invented news for a detector that somebody wants to fool: eight outlets, four desks, a crisis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from monitor.archive import Entry
from monitor.replay import Plan, play
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier

START = datetime(2031, 3, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DESKS = {
    "court": "Legal | Regulation",
    "tanker": "Energy | Oil",
    "lender": "Financials",
    "index": "Markets",
}
OUTLETS = ("wire", "paper", "herald", "gazette", "courier", "ledger", "tribune", "post")
PARTS = (0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05, 0.05)
NOUNS = tuple(
    "harvest bridge library ferry museum orchard quarry stadium canal theatre lighthouse vineyard"
    " railway harbour market garden forge mill depot tunnel chapel archive bakery brewery cannery"
    " dairy estate foundry granary hostel".split()
)
PLAN = Plan(topics=tuple(DESKS.values()))

Rng = np.random.Generator
Entries = list[Entry]


class DeskWords:
    """Labels by the desk that is named, and by whether anybody fears anything."""

    checkpoint = "desk-words"
    tier: Tier = "fallback"

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [_label(text) for text in texts]


def _label(text: str) -> Prediction:
    topic = next((DESKS[word] for word in text.split() if word in DESKS), "Macro")
    mood = "negative" if "fears" in text else "neutral"
    return Prediction.likeliest(
        tuple(float(topic == each) for each in TOPICS),
        tuple(0.9 if mood == each else 0.05 for each in SENTIMENTS),
    )


def title(rng: Rng, negative: bool, desk: str = "") -> str:
    """No two are alike: each has a number of its own."""
    nouns = " ".join(rng.choice(NOUNS, size=5, replace=False))
    desk = desk or str(rng.choice(list(DESKS)))
    return f"Board {desk} {'fears' if negative else 'awaits'} {nouns} {rng.integers(9, 10**7)}"


def told(at: datetime, headline: str, outlet: str = "wire", url: str = "") -> Entry:
    return Entry(at, True, headline, outlet, url, ())


def news(
    seed: int,
    days: int,
    share: float | Callable[[float], float] = 0.25,
    rate: float = 6.0,
    tones: Sequence[float] = (0.0,) * 8,
    silent: Callable[[int, int], bool] | None = None,
) -> Entries:
    """Ordinary news: `rate` stories an hour with a daily wave, those of one hour alike (ρ .05).

    `share`: of negatives, perhaps by day. `tones`: logits by which outlets are gloomier.
    `silent`: whether in this hour this outlet cannot be heard.
    """
    rng, entries = np.random.default_rng(seed), []
    for hour in range(24 * days):
        usual = share(hour / 24) if callable(share) else share
        mood = float(rng.beta(19 * usual, 19 * (1 - usual)))
        many = rng.poisson(rate * (1 + 0.6 * np.sin(2 * np.pi * (hour % 24 - 8) / 24)))
        for second in sorted(rng.integers(0, 3600, size=many).tolist()):
            outlet = int(rng.choice(len(OUTLETS), p=PARTS))
            odds = np.exp(tones[outlet]) * mood / max(1e-9, 1 - mood)
            headline = title(rng, bool(rng.random() < odds / (1 + odds)))
            if silent is None or not silent(hour, outlet):
                at = START + hour * HOUR + timedelta(seconds=second)
                entries.append(told(at, headline, OUTLETS[outlet]))
    return entries


@cache
def ordinary(seed: int, days: int) -> Entries:
    """News as it usually is; the same list for whoever asks."""
    return news(seed, days)


@cache
def quiet(seed: int, days: int) -> dict[str, Any]:
    """The back-test of ordinary news."""
    return replayed(ordinary(seed, days))


def crisis(entries: Entries, day: int, seed: int = 0, share: float = 0.8) -> Entries:
    """The same news with a day, from eight in the morning, on which most is bad."""
    rng, first = np.random.default_rng(seed + 999), START + day * DAY + 8 * HOUR
    bad = [e for e in entries if first <= e.at < first + DAY]
    worse = [replace(e, title=title(rng, bool(rng.random() < share))) for e in bad]
    return together([e for e in entries if not first <= e.at < first + DAY], worse)


def flood(
    at: datetime, hours: float, many: int, outlet: str = "tribune", desk: str = "", seed: int = 0
) -> Entries:
    """Distinct bad stories from one outlet that usually brings one in twenty."""
    rng = np.random.default_rng(seed + 77)
    seconds = (3600 * hours * rng.random(many)).tolist()
    return [told(at + timedelta(seconds=s), title(rng, True, desk), outlet) for s in seconds]


def again(
    entries: Entries,
    at: datetime,
    hours: float,
    outlet: str = "",
    edit: Callable[[str], str] = str,
    seed: int = 0,
) -> Entries:
    """All of it once more, by the outlet named or by whoever told it."""
    rng = np.random.default_rng(seed + 55)
    seconds = (3600 * hours * rng.random(len(entries))).tolist()
    return [
        told(at + timedelta(seconds=s), edit(e.title), outlet or e.origin, f"https://x.example/{n}")
        for n, (e, s) in enumerate(zip(entries, seconds, strict=True))
    ]


def together(*parts: Iterable[Entry]) -> Entries:
    return sorted((entry for part in parts for entry in part), key=lambda entry: entry.at)


def replayed(entries: Entries, said: list[str] | None = None) -> dict[str, Any]:
    """The document of a back-test; `said` takes the lines that it tells beside it."""
    say = None if said is None else said.append
    return play(entries, DeskWords(), PLAN, say=say).document


def kinds(document: dict[str, Any]) -> list[str]:
    """Of the incidents besides those of shares."""
    return [alert["kind"] for alert in document["other_alerts"]]


def days_of(document: dict[str, Any]) -> list[int]:
    """On which a share was alerted, from 0."""
    return [day_of(alert) for alert in document["alerts"]]


def day_of(alert: dict[str, Any]) -> int:
    return (datetime.fromisoformat(alert["at"]) - START) // DAY
