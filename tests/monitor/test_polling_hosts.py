"""Polls of real loopback hosts: how many ask one at once, and what a 429 means for its others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from counting_hosts import Hosts, counting_hosts

from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context, sync_feeds
from monitor.demo import VirtualClock
from monitor.jobs.poll import poll
from monitor.store import feeds
from monitor.store.feeds import FeedRow

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Opened = Callable[..., AbstractContextManager[Context]]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with counting_hosts(7) as opened:
        yield opened


@pytest.fixture
def clock(noon: datetime) -> VirtualClock:
    return VirtualClock(noon)


@pytest.fixture
def world(tmp_path: Path, hosts: Hosts, clock: VirtualClock) -> Opened:
    """A daemon's world with feeds on some hosts: {host: how many}."""

    @contextmanager
    def opened(many: dict[int, int], **poll_settings: Any) -> Iterator[Context]:
        urls = [hosts.url(host, f"f{i}") for host, count in many.items() for i in range(count)]
        settings = Settings.model_validate(
            {
                "store": {"url": f"sqlite:///{tmp_path / 'world.db'}"},
                "poll": {"interval_s": 600, "allow_private": True, **poll_settings},
                "feeds": [{"url": url} for url in urls],
            }
        )
        policy: Any = object()  # nothing is labelled
        with open_context(settings, clock, policy, seed=1) as context:
            sync_feeds(context.store, settings, clock())
            yield context

    return opened


def rows(context: Context, hosts: Hosts, host: int) -> list[FeedRow]:
    with context.store.read() as tx:
        found = [row for row in feeds.active(tx) if row.url.startswith(hosts.url(host, ""))]
    return sorted(found, key=lambda row: row.id)


def poll_all(context: Context) -> None:
    while poll(context):
        pass


def test_a_host_is_asked_twice_at_once_while_the_pool_asks_others(
    hosts: Hosts, world: Opened
) -> None:
    # Two at the first host and two at the second must be there together to get on.
    hosts.meet[0] = hosts.meet[1] = threading.Barrier(4)
    hosts.meet[2] = threading.Barrier(2)
    with world({0: 2, 1: 2, 2: 8}) as context:
        poll_all(context)
    assert [hosts.most[0], hosts.most[1], hosts.most[2]] == [2, 2, 2]
    assert len(hosts.asked) == 12
    assert not hosts.meet[0].broken
    assert not hosts.meet[2].broken


def test_the_host_that_counts_is_the_one_that_a_redirect_leads_to(
    hosts: Hosts, world: Opened
) -> None:
    hosts.meet[0] = threading.Barrier(2)
    there = hosts.url(0, "feed")
    hosts.reply = lambda host, path: (302, {"location": there}) if host else (200, {})
    with world({1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1}) as context:
        poll_all(context)
        assert [row.state for host in range(1, 7) for row in rows(context, hosts, host)] == [
            "ok"
        ] * 6
    assert (hosts.most[0], len(hosts.asked_of(0))) == (2, 6)


def test_more_feeds_of_one_host_than_a_round_takes_are_all_asked(
    hosts: Hosts, world: Opened
) -> None:
    with world({0: 30, 1: 1}) as context:
        assert poll(context)  # there are more
        assert (len(hosts.asked_of(0)), len(hosts.asked_of(1))) == (8, 1)
        poll_all(context)
    assert sorted(hosts.asked_of(0)) == sorted(f"f{i}" for i in range(30))


def refusing(later_s: int | None, *paths: str, status: int = 429) -> Callable[[int, str], Any]:
    """Host 0 answers so, everywhere or on these paths."""
    headers = {} if later_s is None else {"retry-after": str(later_s)}

    def reply(host: int, path: str) -> tuple[int, dict[str, str]]:
        return (status, headers) if host == 0 and path in (paths or (path,)) else (200, {})

    return reply


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_says_later_is_asked_by_none_of_its_feeds_until_then(
    hosts: Hosts, world: Opened, clock: VirtualClock, noon: datetime, status: int
) -> None:
    hosts.reply = refusing(3600, status=status)
    with world({0: 8, 1: 2}) as context:
        poll_all(context)
        asked = len(hosts.asked_of(0))
        due = [row.due_at for row in rows(context, hosts, 0)]
        clock.advance(noon + 55 * MINUTE)
        poll_all(context)
        assert len(hosts.asked_of(0)) == asked
        clock.advance(noon + 3 * HOUR)
        hosts.reply = lambda host, path: (200, {})
        poll_all(context)
        assert {row.state for row in rows(context, hosts, 0)} == {"ok"}
    assert asked <= 2  # those that were under way
    assert min(due) >= noon + HOUR
    assert max(due) <= noon + HOUR + 2 * MINUTE
    assert len(hosts.asked_of(1)) == 2 * 3


def test_without_a_time_or_at_an_unsure_503_each_feed_fails_for_itself(
    hosts: Hosts, world: Opened
) -> None:
    hosts.reply = refusing(None, status=503)
    with world({0: 8}) as context:
        poll_all(context)
    assert len(hosts.asked_of(0)) == 8


def test_one_feeds_429_keeps_its_siblings_waiting_an_hour_at_most(
    hosts: Hosts, world: Opened, noon: datetime
) -> None:
    hosts.reply = refusing(20 * 3600, "f0")
    with world({0: 8}) as context:
        poll_all(context)
        refused, *others = rows(context, hosts, 0)
    assert refused.due_at >= noon + 20 * HOUR
    assert {row.due_at for row in others} == {noon + HOUR}
    assert {row.failures for row in others} == {0}


def test_a_429_that_only_one_feed_gets_again_and_again_is_that_feeds_own(
    hosts: Hosts, world: Opened, clock: VirtualClock, noon: datetime
) -> None:
    hosts.reply = refusing(3600, "f0")
    with world({0: 4}) as context:
        for hours in range(3):
            clock.advance(noon + hours * HOUR + hours * 10 * MINUTE)
            poll_all(context)
            poll_all(context)  # those that were sent away
        refused, *others = rows(context, hosts, 0)
        assert refused.failures == 3
        assert max(row.due_at for row in others) <= clock() + 11 * MINUTE


def test_a_feed_that_was_refused_lets_its_siblings_go_first(
    hosts: Hosts, world: Opened, clock: VirtualClock, noon: datetime
) -> None:
    """Else one that its host always refuses would send them away each time, unasked."""
    hosts.reply = refusing(3600, "f0")
    with world({0: 5}) as context:
        poll_all(context)
        before = len(hosts.asked_of(0))
        clock.advance(noon + HOUR + 10 * MINUTE)
        poll_all(context)
    again = hosts.asked_of(0)[before:]
    assert len(again) == 5
    assert again.index("f0") >= 3, "two at once: it is one of the last two"


def test_on_a_shared_host_a_429_binds_the_one_feed_that_got_it(
    hosts: Hosts, world: Opened, noon: datetime
) -> None:
    hosts.reply = refusing(3600, "f0", "f1")
    shared = hosts.url(0, "").removeprefix("http://").rstrip("/")
    with world({0: 8}, shared_hosts=[shared]) as context:
        poll_all(context)
        others = rows(context, hosts, 0)[2:]
    assert len(hosts.asked_of(0)) == 8
    assert all(row.state == "ok" and row.due_at < noon + HOUR / 2 for row in others)
