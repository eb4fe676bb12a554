"""An outlet that rested over a weekend has not flooded when it comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import numpy as np

from alerts.detector import DetectorConfig, Judged
from alerts.ledger import LabelledStory
from alerts.memory import Usual
from alerts.outcome import EPOCH, Bin
from alerts.raising import Look, new_alerts
from alerts.types import Copy, Stream

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2031, 3, 3, tzinfo=UTC)
NOW = MONDAY + 4 * DAY + 12 * HOUR
OIL = Stream("Oil")


class Weekdays:
    """Cedar tells ten stories a day, alder as many from Monday to Friday; heard since `begun`."""

    def __init__(self, begun: datetime) -> None:
        self.begun = begun

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        outlets = ("alder",) * 6 + ("cedar",) * 3
        told = zip(range(9), outlets, strict=True)
        at = NOW - HOUR
        return [
            LabelledStory(n, "Oil", "", f"#{n}", at, True, 0.9, (Copy(who, "", at),))
            for n, who in told
        ]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        heard, hour = Counter[str](), max(since, self.begun)
        while hour < until:
            heard["cedar"] += 10
            heard["alder"] += 10 * (hour.weekday() < 5)
            hour += HOUR
        return {outlet: round(told / 24) for outlet, told in heard.items() if told}


def reasons(begun: datetime) -> Sequence[str]:
    """Why a rise since Monday, far above its threshold, is held on Friday."""
    number, rise = (NOW - EPOCH) // HOUR - 1, (MONDAY - EPOCH) // HOUR
    config, tally = DetectorConfig(), np.array([[9, 9]])
    here = Bin((OIL,), NOW - HOUR, NOW, False, Weekdays(begun), "ck", config, tally, number)
    one, level = np.ones(1), np.array([8.0])
    onset, odds = np.array([rise]), np.zeros(1, dtype=np.int64)
    usual = cast("Usual", None)  # nobody asks
    found = Judged(9 * one, one, 0.2 * one, usual, 9 * one, onset, odds, level, one > 1)
    look = Look("negative_share", here, found, config.budgets((OIL,)), lambda _k: _half)
    return [note.reason for note in new_alerts(look, {})[1]]


def _half(_n: int, _y: int, negative: bool) -> float:
    return 0.5 * negative


def test_what_only_a_weekend_came_before_is_not_measured_by_it() -> None:
    assert reasons(begun=MONDAY - 3 * DAY) == []


def test_where_weeks_were_heard_before_nobody_floods_either() -> None:
    assert reasons(begun=MONDAY - 20 * DAY) == []
