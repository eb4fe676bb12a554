"""Who may speak is judged by owner: how many origins are needed, how many told, and who floods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import numpy as np

from alerts.detector import DetectorConfig, Judged
from alerts.ledger import LabelledStory
from alerts.memory import Usual
from alerts.outcome import EPOCH, Bin
from alerts.owners import NO_OWNERS, Owners
from alerts.raising import Look, new_alerts
from alerts.types import Alert, Copy, Stream

HOUR = timedelta(hours=1)
START = datetime(2031, 3, 4, 12, tzinfo=UTC)
OIL = Stream("Oil")
ALDER = Owners({"alder": "Alder Media", "birch": "Alder Media"})
CALM = {"alder": 2, "birch": 2, "cedar": 10}


@dataclass
class Told:
    """Stories of an hour; who was heard in the stream, and of everything in the last day."""

    told: list[LabelledStory]
    seen: Mapping[str, int]
    lately: Mapping[str, int]

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        return self.told

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        if stream == OIL:
            return self.seen
        return self.lately if until - since < timedelta(days=14) else {"alder": 14, "cedar": 140}


def story(number: int, *outlets: str) -> LabelledStory:
    copies = tuple(Copy(outlet, "", START) for outlet in outlets)
    return LabelledStory(number, "Oil", "", f"#{number}", START, True, 0.9, copies)


def judged(
    ledger: Told, owners: Owners, evidence: float = 9.0
) -> tuple[Sequence[Alert], Sequence[str]]:
    """A stream above its threshold of 8; each negative story is worth half a nat."""
    config = DetectorConfig(owners=owners)
    many, number = len(ledger.told), (START - EPOCH) // HOUR
    tally = np.array([[many, many]])
    here = Bin((OIL,), START, START + HOUR, False, ledger, "ck", config, tally, number)
    above, one = np.array([evidence]), np.ones(1)
    bins, last = np.array([number]), np.zeros(1, dtype=np.int64)
    usual = cast("Usual", None)  # nobody asks
    found = Judged(above, one, 0.2 * one, usual, above, bins, last, 8 * one, one > 1)
    look = Look("negative_share", here, found, config.budgets((OIL,)), lambda _k: _half)
    raised, notes = new_alerts(look, {})
    return raised, [note.reason for note in notes]


def _half(_n: int, _y: int, negative: bool) -> float:
    return 0.5 * negative


BOTH = [story(number, "alder", "birch") for number in range(3)]


def test_two_sites_of_one_owner_are_one_origin_of_the_two_that_are_needed() -> None:
    ledger = Told(BOTH, CALM, CALM)
    assert judged(ledger, ALDER) == ((), ["1 origins lately, 2 needed"])
    (alert,), notes = judged(ledger, NO_OWNERS)
    assert notes == []
    assert alert.stories[0].origins == ("alder", "birch")


def test_what_only_one_owner_ever_told_needs_no_second_and_names_its_outlets() -> None:
    (alert,), notes = judged(Told(BOTH, {"alder": 3, "birch": 3}, CALM), ALDER)
    assert notes == []
    assert alert.stories[0].origins == ("alder", "birch")


def test_an_owner_that_floods_is_named_even_where_nobody_else_tells_of_it() -> None:
    many = [story(number, "alder", "birch") for number in range(20)]
    ledger = Told(many, {"alder": 20, "birch": 20}, {"alder": 40, "birch": 40, "cedar": 10})
    raised, (reason,) = judged(ledger, ALDER)
    assert not raised
    assert reason.startswith("Alder Media floods: without ")
    assert judged(ledger, NO_OWNERS)[1] == []  # each story has two outlets
