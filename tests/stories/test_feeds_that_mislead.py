"""Feeds that answer and are dead, and hosts that want to be left alone, through the real jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from monitor.cli.state import lines, read_state
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.gauges import refresh_gauges
from monitor.store import feeds
from monitor.web import reading

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def said_of_feeds(context: Context, now: datetime) -> list[str]:
    """The lines of `status` down to the backlog."""
    said = list(lines(read_state(context.store, now)))
    return said[: next(i for i, line in enumerate(said) if line.startswith("backlog"))]


def counted(context: Context) -> dict[str, float]:
    refresh_gauges(context)
    read = context.metrics.registry.get_sample_value
    states = ("new", "ok", "quiet", "failing", "down")
    return {state: many for state in states if (many := read("downdraft_feeds", {"state": state}))}


def test_a_regulators_feed_that_has_died_and_answers_200_is_called_quiet_until_it_speaks(
    newsstand: Any, clock: VirtualClock, world: Any, turn: Any
) -> None:
    newsstand.titles = {"bank": [], "regulator": []}

    def live(turns: range, regulator: bool) -> None:
        """Every three days the bank has three stories, and the regulator, while it lives, one."""
        for number in turns:
            newsstand.titles["bank"] = [f"Orsk branch {number}{i} opens" for i in range(3)]
            if regulator:
                newsstand.titles["regulator"] = [f"Notice {number} on custody of grain"]
            turn(context, clock, 3 * DAY)

    with world() as context:
        live(range(10), regulator=True)
        live(range(10, 19), regulator=False)
        assert said_of_feeds(context, clock()) == ["feeds      2 watched: 2 ok, 0 in trouble"]
        live(range(19, 20), regulator=False)
        assert said_of_feeds(context, clock()) == [
            "feeds      2 watched: 1 ok, 1 quiet, 0 in trouble",
            "  quiet    regulator: quiet for 30 days, usually a story every 3 days",
        ]
        assert counted(context) == {"ok": 1, "quiet": 1}
        with context.store.read() as tx:
            first = reading.feed_health(tx)[0]
            assert (first.feed.name, first.state, first.feed.failures) == ("regulator", "quiet", 0)
        asked = len(newsstand.asked)
        turn(context, clock, 11 * MINUTE)  # asked as often as ever
        assert sorted(name for name, _ in newsstand.asked[asked:]) == ["bank", "regulator"]
        newsstand.titles["regulator"] = ["Notice 99 on clearing of port fees"]
        turn(context, clock, 11 * MINUTE)
        assert counted(context) == {"ok": 2}


def test_a_host_that_says_later_to_one_feed_is_left_alone_by_the_others(
    newsstand: Any, clock: VirtualClock, world: Any, turn: Any
) -> None:
    names = [f"desk{i}" for i in range(8)]
    newsstand.titles = {name: [f"{name} opens in Varna"] for name in names}
    with world() as context:
        turn(context, clock, MINUTE)
        assert counted(context) == {"ok": 8}
        for name in names:
            newsstand.broken[name], newsstand.later_s[name] = (429, b"slowly"), 3600
        turn(context, clock, 11 * MINUTE)
        refused = len(newsstand.asked) - 8
        assert 1 <= refused <= 2  # those that were under way at the first refusal
        for wait in (timedelta(seconds=12), 10 * MINUTE, 45 * MINUTE):
            turn(context, clock, wait)
        assert len(newsstand.asked) == 8 + refused
        assert counted(context) == {"ok": 8 - refused, "failing": refused}
        newsstand.broken, newsstand.later_s = {}, {}
        newsstand.titles["desk7"] = ["Bridge in Lyon closes"]
        turn(context, clock, 10 * MINUTE)
        assert counted(context) == {"ok": 8}
        with context.store.read() as tx:
            assert all(row.due_at < clock() + 20 * MINUTE for row in feeds.active(tx))
