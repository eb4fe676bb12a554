"""Who publishes: the fictional outlets of the demo, read from outlets.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

Format = Literal["rss20", "rss10", "atom10", "json"]


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet, its feed's format and its habits."""

    slug: str
    name: str
    domain: str  # fictional, under .example
    format: Format
    date_style: str  # a key of documents.DATE_STYLES; "none" leaves dates out
    weight: int = 0  # relative chance of carrying a story; 0 for institutions
    topics: tuple[str, ...] = ()  # empty: writes about everything
    institution: bool = False  # publishes only what concerns itself
    quirk: Literal["", "gzip", "no-validators", "moved"] = ""


def read_outlets() -> tuple[Outlet, ...]:
    """All outlets in the order of outlets.toml."""
    rows = read_toml("outlets.toml")["outlet"]
    return tuple(_outlet(row) for row in rows)


def read_toml(name: str) -> dict[str, Any]:
    """One of this package's content files."""
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))


def _outlet(row: dict[str, Any]) -> Outlet:
    return Outlet(
        slug=row["slug"],
        name=row["name"],
        domain=f"{row['slug']}.example",
        format=row["format"],
        date_style=row["dates"],
        weight=row.get("weight", 0),
        topics=tuple(row.get("topics", ())),
        institution=row.get("institution", False),
        quirk=row.get("quirk", ""),
    )
