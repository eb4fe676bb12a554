"""Polling decisions as timelines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from monitor.errors import FetchError, ParseError
from monitor.schedule import (
    FeedState,
    address,
    after_failure,
    after_success,
    blame_ourselves,
    feed_word,
    network_like,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIVE_MINUTES = 300.0


def test_a_failing_feed_is_asked_ever_more_rarely_but_always_again() -> None:
    now, failures, rng, waits = START, 0, Random(1), []
    for _ in range(40):
        state = FeedState(failures, FIVE_MINUTES)
        plan = after_failure(state, FetchError("gone", "http_4xx"), now, rng)
        waits.append(plan.due_at - now)
        now, failures = plan.due_at, plan.failures
    assert failures == 40
    assert 3 * MINUTE < waits[0] <= 5 * MINUTE
    assert 14 * MINUTE < waits[2] <= 20 * MINUTE
    assert max(waits) <= timedelta(hours=6)
    assert all(wait >= timedelta(hours=4.5) for wait in waits[8:])
    assert len({wait.seconds for wait in waits[8:]}) > 20  # jitter


def test_one_success_brings_a_feed_back_to_its_interval() -> None:
    plan = after_success(FeedState(9, FIVE_MINUTES), "new", None, START, Random(1))
    assert plan.failures == 0
    assert 5 * MINUTE <= plan.due_at - START <= 5.5 * MINUTE
    assert plan.reason == "new"


@pytest.mark.parametrize(("asked", "least", "most"), [(2, 5, 6), (45, 45, 46), (9000, 1440, 1441)])
@pytest.mark.parametrize("failures", [0, 12])
def test_retry_after_is_obeyed_up_to_a_day(
    failures: int, asked: int, least: int, most: int
) -> None:
    error = FetchError("slow down", "http_4xx", START + asked * MINUTE)
    plan = after_failure(FeedState(failures, FIVE_MINUTES), error, START, Random(1))
    assert least * MINUTE <= plan.due_at - START <= most * MINUTE
    assert plan.reason == "http_4xx, retry-after"
    assert plan.failures == failures + 1


def test_max_age_is_honoured_up_to_an_hour() -> None:
    state = FeedState(0, FIVE_MINUTES)
    for max_age, minutes in [(0, 5), (60, 5), (1200, 20), (86_400, 60)]:
        plan = after_success(state, "not_modified", max_age, START, Random(1))
        assert minutes * MINUTE <= plan.due_at - START <= minutes * 1.1 * MINUTE


def test_a_document_that_is_no_feed_counts_as_a_failure() -> None:
    plan = after_failure(FeedState(0, FIVE_MINUTES), ParseError("a page"), START, Random(1))
    assert (plan.failures, plan.reason) == (1, "parse, back-off")


def test_in_our_own_outage_feeds_keep_their_score_and_return_at_once() -> None:
    error = FetchError("unreachable", "dns")
    plan = after_failure(FeedState(2, FIVE_MINUTES), error, START, Random(1), ourselves=True)
    assert plan.failures == 2
    assert plan.due_at - START <= 5 * MINUTE


@pytest.mark.parametrize(
    ("cut_off", "of", "ours"),
    [(4, 4, False), (5, 5, True), (15, 30, False), (20, 30, False), (21, 30, True)],
)
def test_we_are_to_blame_when_most_of_five_hosts_or_more_are_cut_off(
    cut_off: int, of: int, ours: bool
) -> None:
    assert blame_ourselves([True] * cut_off + [False] * (of - cut_off)) is ours


def test_only_silence_is_network_like() -> None:
    assert network_like(FetchError("", "timeout"))
    assert not network_like(FetchError("", "http_5xx"))
    assert not network_like(ParseError(""))


def test_a_feed_is_down_from_the_fifth_failure() -> None:
    assert [feed_word(failures) for failures in (0, 1, 4, 5)] == [
        "ok",
        "failing",
        "failing",
        "down",
    ]


def test_the_same_generator_gives_the_same_plan() -> None:
    plans = {
        after_failure(FeedState(3, 60.0), FetchError("", "refused"), START, Random(7))
        for _ in range(2)
    }
    assert len(plans) == 1


def test_where_a_publisher_moved_a_feed_is_doubted_after_every_few_failures() -> None:
    asked = [address("home", "moved", failures) for failures in range(8)]
    assert [n for n, at in enumerate(asked) if at == "home"] == [3, 6]
