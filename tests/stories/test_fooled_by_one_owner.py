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

from alerts.catcher import HookCatcher
from alerts.detector import DetectorConfig
from alerts.owners import Owners
from monitor.context import Context
from monitor.daemon import tick
from monitor.demo import VirtualClock
from monitor.explain import explain, lines
from monitor.floods import Intake
from monitor.jobs import JOBS
from monitor.replay import play
from monitor.store import alerts, articles, feeds, intake

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
    world: Any, papers: Any, clock: VirtualClock, turn: Any, seasoned: Any, hooks: HookCatcher
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
        for job in JOBS:
            while tick(owned if job.name == "deliver" else context, job):
                pass
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
    assert hooks.received[-1].payload["data"]["origins"] == 1  # as it stood for who delivered
    assert {copy.origin for story in alert.stories for copy in story.copies} == {
        "tidewater", "granary",
    }  # fmt: skip


def _owned(context: Context, *sites: str) -> Context:
    given = context.settings.model_copy(update={"owners": {"Alder Media": sites}})
    return replace(context, settings=given)


def _raised(context: Context) -> Sequence[Any]:
    with context.store.read() as tx:
        return alerts.latest(tx, 10)


def _counted(told: Intake, outlet: str, day: int, many: int) -> int:
    return sum(told.counts(outlet, START + day * DAY) for _ in range(many))


def test_outlets_of_one_owner_share_what_one_may_tell_but_for_one_that_is_new() -> None:
    told = Intake(Owners(dict.fromkeys((*SITES, "sister"), "Alder Media")))
    for day in range(8):
        for outlet, many in (("wire", 40), ("tribune", 5), ("post", 5)):
            assert _counted(told, outlet, day, many) == many
    assert _counted(told, "wire", 8, 40) == 40
    assert _counted(told, "sister", 8, 200) == 40  # as the busiest; nothing of the others' share
    assert _counted(told, "tribune", 8, 14) == 14
    first, most = START + 8 * DAY, told.most("post", (START + 8 * DAY).toordinal())
    assert most is not None
    assert _counted(told, "post", 8, 500) == most - 14
    assert told.refused["post", first.toordinal()] == 500 - (most - 14)


def test_the_daemon_lets_feeds_of_one_owner_share_what_one_may_tell(
    world: Any, papers: Any, clock: VirtualClock, turn: Any
) -> None:
    papers.titles = {
        name: [f"Council of {name} meets for the {n}th time" for n in range(first, first + 50)]
        for name, first in (("tidewater", 100), ("granary", 200))
    } | {"herald": []}
    with world() as context:
        with context.store.write() as tx:
            for row in feeds.active(tx):
                for day in range(1, 9):
                    usual = 40 if row.name == "herald" else 5
                    intake.add(tx, row.id, clock() - day * DAY, usual)
        turn(_owned(context, "tidewater", "granary"), clock, timedelta(minutes=1))
        with context.store.read() as tx:
            flood = {one.feed: one.flood for one in articles.set_aside(tx, clock() - DAY)}
    assert sorted(flood.values()) == [20, 50]  # whoever comes second finds nothing left
