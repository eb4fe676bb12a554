"""From feeds to bins, through the real jobs and store: copies, broken feeds, restarts, bugs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from crisis_news import CRISIS, QUIET, break_out

from monitor.context import Context
from monitor.daemon import tick
from monitor.demo import VirtualClock
from monitor.jobs import Job
from monitor.store import census, feeds, labels, runs
from monitor.store.tables import bin_

QUARTER = timedelta(minutes=15)
Turn = Callable[[Context, VirtualClock, timedelta], None]


def test_the_same_headline_from_two_outlets_counts_once(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles = {"tidewater": [CRISIS[0]], "granary": [f"UPDATE 2-{CRISIS[0]}"]}
    with world() as context:
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            assert census.articles_and_stories(tx) == (2, 1)
            counted = tx.execute(sa.select(bin_.c.stories).where(bin_.c.topic == "")).scalars()
            assert set(counted) == {1}


def test_a_broken_feed_says_why_and_holds_nobody_up(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles |= {"html": [], "gone": [], "empty": [], "void": []}
    papers.broken["html"] = (200, b"<!doctype html><html><body>Please log in</body></html>")
    papers.broken["gone"] = (404, b"no such thing")
    papers.broken["void"] = (200, b"")
    with world() as context:
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            rows = {row.name: row for row in feeds.active(tx)}
            assert census.articles_and_stories(tx)[0] == len(QUIET)
    assert rows["tidewater"].state == "ok"
    assert rows["empty"].state == "ok"  # a feed without entries is a feed
    assert rows["html"].state == "failing"
    assert "HTML" in rows["html"].last_error
    assert "404" in rows["gone"].last_error
    assert rows["void"].last_error
    assert all("\n" not in row.last_error for row in rows.values())


def test_an_unchanged_feed_is_asked_for_with_validators_and_not_read_again(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    with world() as context:
        for _ in range(3):
            turn(context, clock, QUARTER)
        count = context.metrics.registry.get_sample_value
        assert count("downdraft_polls_total", {"outcome": "ok"}) == 2
        assert count("downdraft_polls_total", {"outcome": "same_body"}) == 4


def test_a_title_of_100000_characters_is_stored_short_and_labelled(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles["tidewater"] = ["Halvorsen " * 10_000]
    with world() as context:
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            assert census.articles_and_stories(tx)[0] == 4
            assert labels.backlog(tx) == 0


def bins(context: Context) -> list[Any]:
    with context.store.read() as tx:
        order = (bin_.c.topic, bin_.c.target, bin_.c.start)
        return [tuple(row) for row in tx.execute(sa.select(bin_).order_by(*order))]


def test_a_restart_after_every_tick_changes_no_number(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    noon: datetime,
    tmp_path: Any,
) -> None:
    def story(reopen: bool) -> list[Any]:
        clock.advance(noon)
        papers.titles = {"tidewater": QUIET[:3], "granary": QUIET[3:]}
        with world() as context:
            seasoned(context)
            break_out(papers)
            for _ in range(0 if reopen else 12):
                turn(context, clock, QUARTER)
        for _ in range(12 if reopen else 0):
            with world() as fresh:
                turn(fresh, clock, QUARTER)
        with world() as last:
            return bins(last)

    expected = story(reopen=False)
    for file in tmp_path.glob("world.db*"):
        file.unlink()
    assert story(reopen=True) == expected
    assert len(expected) > 30


def test_a_job_that_raises_is_counted_and_noted_and_the_others_go_on(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    def explode(_context: Context) -> bool:
        raise KeyError("a bug")

    with world() as context:
        assert tick(context, Job("label", explode, 1)) is False
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            by_name = {run.name: run for run in runs.latest(tx)}
        count = context.metrics.registry.get_sample_value
        assert count("downdraft_job_errors_total", {"job": "label"}) == 1
    assert by_name["label"].last_error == "KeyError: 'a bug'"
    assert by_name["label"].last_success_at is not None
    assert by_name["deliver"].last_success_at is not None
