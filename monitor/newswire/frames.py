"""Headlines with slots: reading them, and filling the slots from a seeded generator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from monitor.newswire.outlets import read_toml
from monitor.newswire.world import Company, World
from policy.types import SENTIMENTS

SLOT = re.compile(r"\{(\w+)(?::([\w|]+))?\}")
FILES = ("headlines_companies.toml", "headlines_markets.toml", "headlines_economy.toml")
_COUNTRY = ("country", "adj", "currency", "cbank", "reg", "index", "premier")
# A frame told twice must differ in all of these, or the two headlines would be one story.
NAMES = frozenset(
    (
        *_COUNTRY,
        *("governor", "minister", "country2", "adj2", "capital", "co", "co2", "newco"),
        *("broker", "agency", "fund", "person", "person2", "city"),
    )
)
_QUARTERS = ("fourth", "first", "second", "third")  # the last full one, by the current quarter


@dataclass(frozen=True, slots=True)
class Frame:
    """One headline as written, with the topic and the sentiment that it is meant to carry."""

    topic: str
    sentiment: str
    text: str
    slots: frozenset[str]
    sectors: frozenset[str]  # that its company may come from; empty for any


@dataclass(frozen=True, slots=True)
class CrisisText:
    """A crisis as written: its topic, the companies it suits and its headlines in order."""

    topic: str
    companies: tuple[str, ...]
    headlines: tuple[str, ...]
    summaries: tuple[str, ...]


@cache
def read_frames() -> tuple[Frame, ...]:
    """All quiet headlines."""
    return tuple(
        _frame(topic, sentiment, text)
        for name in FILES
        for topic, table in read_toml(name).items()
        for sentiment in SENTIMENTS
        for text in table[sentiment]
    )


@cache
def frames_of(topic: str, sentiment: str) -> tuple[Frame, ...]:
    """The quiet headlines of one topic that are meant to carry one sentiment."""
    kind = (topic, sentiment)
    return tuple(frame for frame in read_frames() if (frame.topic, frame.sentiment) == kind)


@cache
def read_summaries() -> dict[str, tuple[str, ...]]:
    """One-sentence summaries of quiet stories, by topic."""
    tables = (item for name in FILES for item in read_toml(name).items())
    return {topic: tuple(table["summaries"]) for topic, table in tables}


@cache
def read_crises() -> tuple[CrisisText, ...]:
    """All crisis scripts."""
    return tuple(
        CrisisText(topic, tuple(row["companies"]), tuple(row["headlines"]), tuple(row["summaries"]))
        for topic, row in read_toml("crises.toml").items()
    )


def fill(text: str, words: Mapping[str, str]) -> str:
    """The text with each slot's word in its place; KeyError names a slot that has none."""
    filled = SLOT.sub(lambda match: words[match[1]], text)
    return filled[0].upper() + filled[1:]


def draw_words(world: World, at: datetime, rng: Random) -> dict[str, str]:
    """A word for every slot but those of companies: one country, its people, dates, numbers."""
    home, abroad = rng.sample(world.countries, 2)
    words = {**_numbers(rng), **_dates(at, rng), **country_words(home), **_pool(world, rng)}
    return {**words, "country2": abroad["name"], "adj2": abroad["adjective"]}


def country_words(country: Mapping[str, str]) -> dict[str, str]:
    """The slots that one country fills."""
    return {
        **country,
        "country": country["name"],
        "adj": country["adjective"],
        "cbank": country["central_bank"],
        "reg": country["regulator"],
    }


def company_words(company: Company, rng: Random) -> dict[str, str]:
    """The slots that one company fills; headlines mostly use its short name."""
    spoken = company.name if rng.random() < 0.35 else company.short
    return {"co": spoken, "product": company.product}


def _frame(topic: str, sentiment: str, text: str) -> Frame:
    slots = frozenset(match[1] for match in SLOT.finditer(text))
    sectors = (match[2] for match in SLOT.finditer(text) if match[1] == "co" and match[2])
    wanted = frozenset(sector for group in sectors for sector in group.split("|"))
    return Frame(topic, sentiment, text, slots, wanted)


def _pool(world: World, rng: Random) -> dict[str, str]:
    words = {kind: rng.choice(names) for kind, names in world.pool.items()}
    person, person2 = rng.sample(world.pool["person"], 2)
    return {**words, "newco": words.pop("newcomer"), "person": person, "person2": person2}


def _dates(at: datetime, rng: Random) -> dict[str, str]:
    ahead = (at + timedelta(days=days) for days in (1, 2, 3, 4))
    working_days = [day for day in ahead if day.isoweekday() <= 5]
    quarter = (at.month - 1) // 3
    return {
        "weekday": at.strftime("%A"),
        "anyday": rng.choice(working_days).strftime("%A"),
        "month": (at.replace(day=1) - timedelta(days=1)).strftime("%B"),
        "nextmonth": (at.replace(day=1) + timedelta(days=32)).strftime("%B"),
        "q": _QUARTERS[quarter],
        "qn": str(quarter or 4),
        "year": str(at.year + rng.randint(2, 8)),
        "pastyear": str(at.year - rng.randint(2, 5)),
    }


def _numbers(rng: Random) -> dict[str, str]:
    cents, nn, high = rng.randint(21, 96), rng.randint(11, 48), rng.uniform(50.4, 56)
    return {
        "n": str(rng.randint(4, 9)),
        "nn": str(nn),
        "nn2": str(nn + rng.randint(2, 9)),
        "high": str(rng.randint(61, 93)),
        "k": f"{rng.randint(11, 98) * 100:,}",
        "pct": f"{rng.uniform(1.1, 4.9):.1f}",
        "pp": str(rng.randint(6, 19)),
        "big": str(rng.randint(21, 48)),
        "bps": str(rng.choice((25, 50, 75))),
        "cents": str(cents),
        "cents2": str(cents + rng.randint(2, 9)),
        "price": str(rng.randint(34, 480)),
        "mln": str(rng.randint(9, 180) * 5),
        "bln": f"{rng.uniform(1.1, 9.8):.1f}",
        "crude": str(rng.randint(64, 88)),
        "gold": f"{rng.randint(430, 538) * 5:,}",
        "note": str(rng.choice((20, 50, 200, 500))),
        "pmilow": f"{rng.uniform(43, 49.6):.1f}",
        "pmihigh": f"{high:.1f}",
        "pmihigh2": f"{high - rng.uniform(0.2, 0.9):.1f}",
        "hour": str(rng.randint(9, 17)),
    }
