"""One owner's sites flood together: one origin where the table of owners says so, two without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from crisis_news import break_out
from fooling import (
    DAY,
    HOUR,
    PLAN,
    START,
    DeskWords,
    Entries,
    days_of,
    flood,
    ordinary,
    quiet,
    together,
)

from alerts.detector import DetectorConfig
from alerts.owners import Owners
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.explain import explain, lines
from monitor.replay import play
from monitor.store import alerts

DAYS, FLOODED = 36, 30
AT = START + FLOODED * DAY + 10 * HOUR
SITES = ("tribune", "post")
OWNED = Owners(dict.fromkeys(SITES, "Alder Media"))


def on_both_sites(hours: float, many: int, seed: int) -> Entries:
    """Whatever the one tells the other has half a minute later: each story has two outlets."""
    first, second = SITES
    told = flood(AT, hours, many, first, seed=seed)
    half = timedelta(seconds=30)
    return together(told, [replace(one, at=one.at + half, origin=second) for one in told])


def replayed(entries: Entries, owners: Owners, said: list[str]) -> dict[str, Any]:
    plan = replace(PLAN, config=DetectorConfig(owners=owners))
    return play(entries, DeskWords(), plan, say=said.append).document


@pytest.mark.parametrize(("seed", "hours", "many"), [(0, 3, 300), (1, 12, 100)])
def test_a_flood_on_two_sites_of_one_owner_is_a_crisis_only_to_who_does_not_know(
    seed: int, hours: int, many: int
) -> None:
    entries, said = together(ordinary(seed, DAYS), on_both_sites(hours, many, seed)), list[str]()
    assert FLOODED in days_of(replayed(entries, Owners(), []))
    assert days_of(replayed(entries, OWNED, said)) == days_of(quiet(seed, DAYS))
    assert said
    assert all("that Alder Media may tell on a day: not counted" in line for line in said)


def test_the_same_from_sites_that_nobody_owns_together_is_a_crisis() -> None:
    """The control: it is not the table as such that silences."""
    entries = together(ordinary(0, DAYS), on_both_sites(3, 300, 0))
    apart = Owners({"tribune": "Alder Media", "post": "Birch Press"})
    assert FLOODED in days_of(replayed(entries, apart, []))


def test_a_crisis_told_by_one_owner_waits_for_another_origin_and_the_table_acts_at_once(
    world: Any, papers: Any, clock: VirtualClock, turn: Any, seasoned: Any
) -> None:
    papers.titles |= (third := {"herald": ["Court sets date for Halvorsen Marine berth hearing"]})
    with world() as context:
        owned = _owned(context, "tidewater", "granary")
        seasoned(owned)
        break_out(papers)
        papers.titles |= third
        for _ in range(4):
            turn(owned, clock, timedelta(minutes=15))
        assert _raised(owned) == []
        turn(context, clock, timedelta(0))
        (alert,) = _raised(context)
        told, now = (explain(c.store, c.settings, alert.id) for c in (context, owned))
    assert told
    assert now
    assert told["recount_agrees"]
    assert now["recount_agrees"]  # of the labels, in which no outlet counts
    assert (told["alert"]["origins"], now["alert"]["origins"]) == (2, 1)
    assert "origins since the onset, as owners are named today: 2" in list(lines(told))
    (line,) = (line for line in lines(now) if line.startswith("origins"))
    assert line.endswith("today: 1 (Alder Media: granary, tidewater)")
    assert {copy.origin for story in alert.stories for copy in story.copies} == {
        "tidewater", "granary",
    }  # fmt: skip


def _owned(context: Context, *sites: str) -> Context:
    given = context.settings.model_copy(update={"owners": {"Alder Media": sites}})
    return replace(context, settings=given)


def _raised(context: Context) -> Sequence[Any]:
    with context.store.read() as tx:
        return alerts.latest(tx, 10)
