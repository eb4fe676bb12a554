"""How much of one outlet is news: who suddenly tells far more than ever is kept, not counted.

An outlet that floods, or sends its past once more in other words, is one voice however many
headlines it fills. Counted, it would raise a crisis by itself, teach the detectors that such an
hour is usual, and leave a hole where it stops. What it may count on a day follows from its own two
weeks and from how busy the others are: in a crisis all outlets tell more, and all may. Those of one
owner share what one may. Whoever is new among outlets that are known, its past coming in at once
perhaps, may tell as much as the busiest of them; where all are new, nobody knows what is usual.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from alerts.owners import Owners

MEMORY_DAYS = 14
KNOWN_DAYS = 7  # an outlet read for less has no usual day of its own
TIMES = 3  # of its busiest day but one: that may have been a flood
FEW = 12  # stories a day that nobody minds
_COLUMNS = 3  # headlines set aside at once: columns return under one title


def allowed(own: Sequence[int], others: Sequence[int], others_today: int) -> int | None:
    """Stories that an outlet may count today; None: all that it has.

    `own`, `others`: what it and all the others counted on each of the last MEMORY_DAYS.
    An outlet that is alone is not measured by others.
    """
    if not sum(others):
        return None
    usual = sorted(own)[:-1]
    in_proportion = fmean(usual) / fmean(others) * others_today
    return max(FEW, math.ceil(TIMES * max(*usual, in_proportion)))


def of_a_newcomer(busiest: Sequence[int]) -> int:
    """Stories that an outlet not yet known may count today.

    `busiest`: on each of the last MEMORY_DAYS, what the outlet that told most has counted.
    """
    return max(FEW, sorted(busiest)[-2])


def worth_a_line(*aside: int) -> bool:
    """Whether anybody should be told that so much was set aside, for one reason or another."""
    return sum(aside) > _COLUMNS


@dataclass(slots=True)
class Intake:
    """What outlets have told on each day of an archive; asked in order of time."""

    owners: Owners = field(default_factory=Owners)
    _own: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    _all: Counter[int] = field(default_factory=Counter)
    _busiest: Counter[int] = field(default_factory=Counter)  # by day, of one outlet
    _first: dict[str, int] = field(default_factory=dict)
    _siblings: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[tuple[str, int]] = field(default_factory=Counter)  # by outlet and day

    def counts(self, outlet: str, at: datetime) -> bool:
        """Whether one more story that it opens is news."""
        today = at.toordinal()
        if outlet not in self._first:
            self._first[outlet] = today
            self._siblings[self.owners.of(outlet)].append(outlet)
        told = self._told(outlet, today, today, self._is_known(outlet, today))
        if told >= FEW and (most := self.most(outlet, today)) is not None and told >= most:
            self.refused[outlet, today] += 1
            return False
        self._own[outlet][today] += 1
        self._all[today] += 1
        self._busiest[today] = max(self._busiest[today], self._own[outlet][today])
        return True

    def most(self, outlet: str, today: int) -> int | None:
        """Stories that it may count on the day of this number, together with its owner's others."""
        days = range(today - MEMORY_DAYS, today + 1)
        if not self._is_known(outlet, today):
            begun = next(iter(self._first.values()))
            busiest = [self._busiest[day] for day in days[:-1]]
            return of_a_newcomer(busiest) if today - begun >= KNOWN_DAYS else None
        own = [self._told(outlet, day, today) for day in days]
        others = [self._all[day] - told for day, told in zip(days, own, strict=True)]
        return allowed(own[:-1], others[:-1], others[-1])

    def _told(self, outlet: str, day: int, today: int, known: bool = True) -> int:
        """By all outlets of its owner that are known today, or by all that are not: the past of
        the new ones is their own."""
        siblings = self._siblings[self.owners.of(outlet)]
        return sum(self._own[one][day] for one in siblings if self._is_known(one, today) == known)

    def _is_known(self, outlet: str, today: int) -> bool:
        return today - self._first[outlet] >= KNOWN_DAYS
