"""A feed in another language dilutes nothing: kept, labelled, told of, and not counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from alerts.types import Stream
from monitor.cli.state import lines, read_state
from monitor.config import FeedEntry
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.store import detection, labels
from monitor.store.tables import article

GERMAN = [
    "Orsk Stahl stürzt nach Gewinnwarnung ab",
    "Hafen Varna meldet Rekord beim Export von Getreide",
    "Gericht verschiebt Urteil gegen Halvorsen Marine",
    "Notenbank lässt Zinsen unverändert",
    "Streik legt den Bahnverkehr in Graz lahm",
    "Tidewater Bank wechselt die Führung aus",
]
Turn = Callable[[Context, VirtualClock, timedelta], None]


def outcomes(context: Context) -> dict[str, float | None]:
    value = context.metrics.registry.get_sample_value
    return {
        outcome: value("downdraft_articles_total", {"outcome": outcome})
        for outcome in ("new_story", "copy", "language")
    }


def test_a_german_feed_is_kept_and_labelled_and_counts_for_nothing(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles["zeitung"] = GERMAN
    with world() as context:
        turn(context, clock, timedelta(minutes=1))
        assert outcomes(context) == {"new_story": 6, "copy": 0, "language": len(GERMAN)}
        state = read_state(context.store, clock())
        with context.store.read() as tx:
            kept = tx.execute(sa.select(article.c.title).where(article.c.aside == "language"))
            assert set(kept.scalars()) == set(GERMAN)
            assert labels.backlog(tx) == 0
            start = detection.floor(clock(), timedelta(hours=1))
            assert detection.counts(tx, start)[Stream()][0] == 6
    assert state["set_aside"] == [{"feed": "zeitung", "again": 0, "flood": 0, "language": 6}]
    (told,) = (line for line in lines(state) if line.startswith("set aside"))
    assert "zeitung" in told
    assert "6 not in English" in told


def test_a_feed_that_may_be_in_any_language_is_counted(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles["zeitung"] = GERMAN
    with world() as context:
        entries: list[FeedEntry] = [
            entry.model_copy(update={"language": "any"}) if entry.name == "zeitung" else entry
            for entry in context.settings.feeds
        ]
        settings = context.settings.model_copy(update={"feeds": tuple(entries)})
        turn(replace(context, settings=settings), clock, timedelta(minutes=1))
        assert outcomes(context) == {"new_story": 12, "copy": 0, "language": 0}
