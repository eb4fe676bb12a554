"""When a feed is polled next: pure decisions, each with its reason.

A feed is never given up: feeds that answer 404 do come back (mediacloud/rss-fetcher), and a reader
that switches them off after three errors is its users' loudest complaint (miniflux 1893, 2150).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from monitor.errors import FetchError, ParseError

BACKOFF_CAP = timedelta(hours=6)
RETRY_AFTER_CAP = timedelta(hours=24)
ONE_VOICE_CAP = timedelta(hours=1)  # how long one feed's "later" may keep its host's others waiting
MAX_AGE_CAP = timedelta(hours=1)  # caches are told longer times than news can wait
DOWN_AFTER = 5
ASK_AT_HOME_AFTER = 3  # failures in a row where a permanent redirect once led
NETWORK_OUTCOMES = frozenset({"timeout", "dns", "refused", "tls", "network"})

FeedWord = Literal["ok", "failing", "down"]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the next decision depends on: failures in a row, and the wanted interval."""

    failures: int
    interval_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The next poll, the failures counted from now on, and why."""

    due_at: datetime
    failures: int
    reason: str


def after_success(
    state: FeedState, fetched_status: str, max_age_s: int | None, now: datetime, rng: Random
) -> Plan:
    """The wanted interval, longer where the publisher's max-age (up to an hour) says so."""
    wait, reason = timedelta(seconds=state.interval_s), fetched_status
    fresh_for = min(timedelta(seconds=max_age_s or 0), MAX_AGE_CAP)
    if fresh_for > wait:
        wait, reason = fresh_for, f"{fetched_status}, max-age"
    return Plan(now + wait * rng.uniform(1.0, 1.1), 0, reason)


def after_failure(
    state: FeedState,
    error: FetchError | ParseError,
    now: datetime,
    rng: Random,
    ourselves: bool = False,
) -> Plan:
    """Exponential back-off with jitter, or the time that the server asked for.

    `ourselves`: the fault was on our side (see `blame_ourselves`): the feed keeps its score and is
    asked again after its usual interval.
    """
    outcome = error.outcome if isinstance(error, FetchError) else "parse"
    interval = timedelta(seconds=state.interval_s)
    if ourselves:
        return Plan(now + interval * rng.uniform(0.5, 1.0), state.failures, f"{outcome}, outage")
    failures = state.failures + 1
    asked = error.retry_at if isinstance(error, FetchError) else None
    if asked is not None:  # the server knows better than our back-off, in both directions
        asked = min(asked, now + RETRY_AFTER_CAP)
        due_at = max(asked, now + interval) + interval * rng.uniform(0.0, 0.1)
        return Plan(due_at, failures, f"{outcome}, retry-after")
    # the exponent is bounded because timedelta, unlike the wait, has an end
    wait = min(interval * 2.0 ** min(state.failures, 20), max(BACKOFF_CAP, interval))
    return Plan(now + wait * rng.uniform(0.75, 1.0), failures, f"{outcome}, back-off")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A host said "later" to one of its feeds.

    `until`: when that feed is asked again; `alone`: the host said so before, or failed, and has
    answered others well since: it speaks of this feed and not of itself.
    """

    until: datetime
    alone: bool


def host_pause(refusals: Sequence[Refusal], now: datetime) -> datetime | None:
    """Until when all feeds of a host wait, after one round's refusals; None: each for itself.

    Two refusals speak for the host, one may be about its feed: then the others wait an hour at
    most, and what they are told afterwards decides (`Refusal.alone`).
    """
    speak = [refusal.until for refusal in refusals if not refusal.alone]
    if not speak:
        return None
    return max(speak) if len(speak) > 1 else min(speak[0], now + ONE_VOICE_CAP)


def address(url: str, fetch_url: str, failures: int) -> str:
    """Where a feed is asked: where its publisher has moved it for good, but after every few
    failures there in a row once at its own address: what was for good may be over."""
    at_home = failures > 0 and failures % ASK_AT_HOME_AFTER == 0
    return url if at_home else fetch_url


def feed_word(failures: int) -> FeedWord:
    """The state of a feed for status and metrics."""
    if failures == 0:
        return "ok"
    return "down" if failures >= DOWN_AFTER else "failing"


def network_like(error: FetchError | ParseError) -> bool:
    """Whether our own line could be to blame: nobody answered at all."""
    return isinstance(error, FetchError) and error.outcome in NETWORK_OUTCOMES


def blame_ourselves(hosts_cut_off: Sequence[bool], least: int = 5, share: float = 2 / 3) -> bool:
    """Whether hosts fail together because we are cut off.

    `hosts_cut_off` has one entry for each host polled in this tick: whether all its feeds failed
    with a network-like error. True when there are at least `least` hosts and more than `share` of
    them are cut off; half the outlets failing is still the outlets' trouble.
    """
    return len(hosts_cut_off) >= least and sum(hosts_cut_off) > share * len(hosts_cut_off)
