"""The fictional countries, companies and people that headlines are about, read from world.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from monitor.newswire.outlets import read_toml


@dataclass(frozen=True, slots=True)
class Company:
    """A fictional company; the watched ones are the demo's watch-list."""

    name: str
    short: str
    ticker: str  # "" for the unwatched
    sector: str
    product: str  # what it sells, a plural noun
    watched: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a slot of a headline may name."""

    countries: tuple[dict[str, str], ...]
    companies: tuple[Company, ...]
    pool: dict[str, tuple[str, ...]]

    @property
    def watched(self) -> tuple[Company, ...]:
        return tuple(company for company in self.companies if company.watched)

    def company(self, name: str) -> Company:
        return next(company for company in self.companies if company.name == name)


@cache
def read_world() -> World:
    """The one world that all scripts share."""
    content = read_toml("world.toml")
    watched = tuple(Company(**row) for row in content["company"])
    others = tuple(
        Company(name, name.split(" ")[0], "", sector, content["products"][sector])
        for sector, names in content["unwatched"].items()
        for name in names
    )
    pool = {kind: tuple(words) for kind, words in content["pool"].items()}
    return World(tuple(content["country"]), watched + others, pool)
