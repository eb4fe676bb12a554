"""Clocks that jump: those of archives, of publishers and our own."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from crisis_news import CRISIS, QUIET, break_out
from fooling import DAY, HOUR, crisis, news, replayed, together, told

from alerts.catcher import MailCatcher
from monitor.archive import strays
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.periods import catch_up
from monitor.store import alerts, census, feeds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
Turn = Callable[[Context, VirtualClock, timedelta], None]


def test_headlines_of_1970_and_2038_are_left_out_with_a_line_each() -> None:
    said: list[str] = []
    real = crisis(news(0, 20), 15)
    wrong = [told(EPOCH, "Board index awaits the epoch"), told(END, "Board index fears its end")]
    document = replayed(together(real, wrong), said)
    assert {**document, "seconds": 0} == {**replayed(real), "seconds": 0}
    early, late = said
    assert early.startswith("1 left out")
    assert "1970-01-01 'Board index awaits" in early
    assert "--from" in early
    assert "2038-01-19" in late


def test_only_a_few_headlines_far_from_all_others_are_strays() -> None:
    real = news(0, 10)
    assert strays(real) == (0, 0)
    half = [replace(entry, at=entry.at - 5 * 365 * DAY) for entry in real]
    assert strays(together(real, half)) == (0, 0)
    assert strays(real[:1]) == (0, 0)


def test_the_order_of_an_archives_lines_and_lines_told_twice_change_nothing() -> None:
    real = crisis(news(0, 20), 15)
    shuffled = [*real, *real]
    random.Random(1).shuffle(shuffled)
    document = replayed(shuffled)
    assert document["articles"] == 2 * len(real)
    same = ("stories", "bins")
    assert [document[key] for key in same] == [replayed(real)[key] for key in same]
    times = [[alert["at"] for alert in one["alerts"]] for one in (document, replayed(real))]
    assert times[0] == times[1]


@pytest.mark.parametrize("wrong", [-3 * HOUR, 3 * DAY, 20 * DAY], ids=["behind", "days", "weeks"])
def test_a_crisis_is_told_once_and_at_once_after_our_own_clock_was_set(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    mails: MailCatcher,
    wrong: timedelta,
) -> None:
    """Hours back; or ahead for one round of all jobs, and back where it belongs."""
    with world() as context:
        seasoned(context)
        right = clock()
        if wrong > timedelta(0):
            turn(context, clock, wrong)
            clock.advance(right)
        else:
            clock.advance(right + wrong)
        with context.store.write() as tx:
            feeds.hurry(tx, clock())
        break_out(papers)
        turn(context, clock, QUARTER)
        assert len(mails.received) == 1
        for _ in range(12):
            turn(context, clock, QUARTER)
        with context.store.read() as tx:
            assert len([a for a in alerts.latest(tx, 10) if a.parent is None]) == 1
    assert len(mails.received) == 1


def test_jobs_and_feeds_do_not_wait_for_an_hour_that_has_been(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    with world() as context:
        turn(context, clock, QUARTER)
        scheduler = BackgroundScheduler(timezone=UTC)
        late, soon = clock() + HOUR, clock() + timedelta(seconds=5)
        for name, at in (("poll", late), ("label", soon)):
            scheduler.add_job(print, "interval", seconds=5, id=name, next_run_time=at)
        scheduler.start(paused=True)
        clock.advance(clock() - HOUR)
        catch_up(scheduler, context)
        due = {job.id: job.next_run_time for job in scheduler.get_jobs()}
        scheduler.shutdown()
        with context.store.read() as tx:
            assert all(row.due_at <= clock() for row in feeds.active(tx))
    assert due["poll"] == clock()


def test_a_past_that_a_feed_sends_again_reaches_nobody(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn, seasoned: Any, mails: MailCatcher
) -> None:
    """What raised an alert when it was new (test_crisis) is kept, and told to nobody."""
    papers.titles["tidewater"] = CRISIS
    with world() as context:
        turn(context, clock, QUARTER)
        papers.titles["tidewater"] = QUIET[:3]
        seasoned(context)
        seasoned(context)
        with context.store.read() as tx:
            before = census.articles_and_stories(tx)
        papers.titles["granary"] = CRISIS
        for _ in range(6):
            turn(context, clock, QUARTER)
        with context.store.read() as tx:
            after = census.articles_and_stories(tx)
            assert alerts.latest(tx, 10) == []
        again = context.metrics.registry.get_sample_value(
            "downdraft_articles_total", {"outcome": "again"}
        )
    assert (after[0] - before[0], after[1] - before[1]) == (len(CRISIS), 0)
    assert again == len(CRISIS)
    assert mails.received == []
