"""What every reader of a feed format hands on: entries in the publisher's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One raw entry; "" for what is missing. Markup, entities and relative links are still in."""

    guid: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    published: str = ""
    language: str = ""
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """All entries of one document. `unread` counts those known to be there but out of reach."""

    format: str
    title: str
    entries: list[Entry]
    unread: int = 0
    note: str = ""
    base: str = ""
