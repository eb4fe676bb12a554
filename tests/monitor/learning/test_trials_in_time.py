"""A candidate that nobody can tell from the champion makes way for the next one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import pytest

from monitor.config import Settings
from monitor.learning.bench import Bench
from monitor.learning.setting import Round
from monitor.learning.trying import rule
from monitor.store import trials, verdicts
from monitor.store.engine import Store
from monitor.store.trials import Opening
from policy.verdicts import Verdict

DAY = timedelta(days=1)


def state(store: Store, noon: datetime, days: int, waiting: int) -> tuple[str, str]:
    """Of a trial without any judgement, so many days old, with so many verdicts after it."""
    said = [
        Verdict(
            f"v{n}", f"headline {n}", "", "sentiment", "negative", 1.0, 1.0, "ada", "confirm", "",
            "", noon,
        )
        for n in range(waiting)
    ]  # fmt: skip
    with store.write() as tx:
        trial = trials.begin(tx, Opening("promotion", "new", "old", 1, 0, 0, noon, {}))
        verdicts.add(tx, said, noon)
    nobody = cast("Bench", None)
    this = Round(store, Settings(), lambda: noon + days * DAY, nobody, lambda *_: None)
    ruling = rule(this, trial, [])
    return ruling.state, ruling.reasons[0]


@pytest.mark.parametrize(("days", "waiting"), [(6, 300), (8, 199)])
def test_it_goes_on_within_a_week_or_while_too_few_verdicts_wait(
    sqlite_store: Store, noon: datetime, days: int, waiting: int
) -> None:
    assert state(sqlite_store, noon, days, waiting)[0] == "shadow"


def test_after_a_week_it_makes_way_for_the_candidate_of_newer_verdicts(
    sqlite_store: Store, noon: datetime
) -> None:
    assert state(sqlite_store, noon, 7, 200) == (
        "refused",
        "not decided in 7 days, and 200 verdicts wait for the next candidate",
    )
