"""Whose an outlet is: sites of one owner are one origin wherever independent ones are asked for.

What is kept names outlets; who owns them is looked up whenever it is read, so that another table
acts at once, on what was told before too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.ledger import LabelledStory, Ledger
from alerts.types import Copy, Story, Stream
from alerts.wording import one_line


@dataclass(frozen=True, slots=True)
class Owners:
    """Outlets, in lower case, and the owner of each. An outlet that is not among them is its own
    owner."""

    by_outlet: Mapping[str, str] = field(default_factory=dict)

    def of(self, outlet: str) -> str:
        return self.by_outlet.get(outlet.casefold(), outlet)

    def counted(self, told: Mapping[str, int]) -> Counter[str]:
        """By owner, what is counted by outlet."""
        found: Counter[str] = Counter()
        for outlet, many in told.items():
            found[self.of(outlet)] += many
        return found


NO_OWNERS = Owners()


@dataclass(frozen=True, slots=True)
class ByOwner:
    """A ledger as it is asked about origins: in the place of each outlet stands its owner."""

    ledger: Ledger
    owners: Owners

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        told = self.ledger.stories(stream, since, until)
        return [replace(one, copies=tuple(map(self._owned, one.copies))) for one in told]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        return self.owners.counted(self.ledger.origins(stream, since, until))

    def _owned(self, copy: Copy) -> Copy:
        return replace(copy, origin=self.owners.of(copy.origin))


def origins_of(
    stories: Iterable[Story | LabelledStory], owners: Owners
) -> dict[str, tuple[str, ...]]:
    """The outlets that carried any of these stories, by owner; both as the alphabet has them."""
    found: dict[str, list[str]] = {}
    for outlet in sorted({copy.origin for story in stories for copy in story.copies}):
        found.setdefault(owners.of(outlet), []).append(outlet)
    return {owner: tuple(found[owner]) for owner in sorted(found)}


def told_apart(origins: Mapping[str, Sequence[str]]) -> str:
    """How many there are, and which outlets an owner has of them: "2 (Alder: alder.example)"."""
    owned = [
        f"{owner}: {', '.join(one_line(outlet, 80) for outlet in outlets)}"
        for owner, outlets in origins.items()
        if tuple(outlets) != (owner,)
    ]
    return f"{len(origins)} ({'; '.join(owned)})" if owned else str(len(origins))
