"""poll: due feeds → articles and their stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import structlog

from monitor import languages
from monitor.asking import Answer, ask_all, busy_host
from monitor.config import Settings
from monitor.context import Context
from monitor.fetch import Fetched
from monitor.floods import worth_a_line
from monitor.pacing import AT_ONCE
from monitor.parse import ParsedFeed
from monitor.schedule import (
    FeedState,
    Plan,
    Refusal,
    after_failure,
    after_success,
    blame_ourselves,
    feed_word,
    host_pause,
    network_like,
)
from monitor.store import articles, feeds
from monitor.store.engine import Transaction
from monitor.store.feeds import FeedRow
from monitor.watching import owners_of

log = structlog.get_logger()

_LEASE = timedelta(minutes=5)  # well above what one round may take
_EACH = 4  # feeds that a worker, or a host's place at a worker, has in one round


def poll(context: Context) -> bool:
    """One round over the feeds that are due."""
    now = context.clock()
    limit = context.settings.poll.workers * _EACH
    with context.store.write() as tx:
        claimed, more = feeds.claim_due(tx, now, _LEASE, limit, AT_ONCE * _EACH)
    if not claimed:
        return False
    answers = []
    with closing(ask_all(context, claimed, now)) as coming:
        for answer in coming:
            answers.append(answer)
            if answer.error is None:
                _keep(context, answer)
    _give_back(context, claimed, answers)
    _pause(context, _keep_failures(context, answers), answers)
    return more


def _give_back(context: Context, claimed: Sequence[FeedRow], answers: Sequence[Answer]) -> None:
    """Feeds that were not asked, since their host wanted to be left alone."""
    asked = {answer.feed.id for answer in answers}
    spared = [feed.id for feed in claimed if feed.id not in asked]
    if spared:
        with context.store.write() as tx:
            feeds.give_back(tx, spared)


def _keep(context: Context, answer: Answer) -> None:
    """Writes one feed's articles and its new validators in one transaction."""
    fetched, feed, now = answer.fetched, answer.feed, context.clock()
    assert fetched is not None
    plan = after_success(_state(feed), fetched.status, fetched.max_age_s, now, context.rng)
    values = _after(plan, "", now) | {"last_ok_at": now}
    values["fetch_url"] = fetched.moved_to or feed.address
    unread = _unread(context.settings, answer)
    with context.store.write() as tx:
        if answer.parsed is not None:
            items = answer.parsed.items
            siblings = _siblings(tx, context.settings, feed)
            added = articles.add_items(tx, feed.id, feed.origin, items, now, unread, siblings)
            values |= _validators(fetched) | {"format": answer.parsed.format}
            if added.new:
                values["last_article_at"] = now
        feeds.record(tx, feed.id, values)
    if answer.parsed is not None:
        _count(context, answer.parsed, added)
        _say_aside(feed, added)
    context.metrics.polls.labels(outcome=_OUTCOMES[fetched.status]).inc()


def _unread(settings: Settings, answer: Answer) -> frozenset[str]:
    """Guids of what the policy cannot read, unless the feed is to be counted in any language."""
    any_language = {entry.url for entry in settings.feeds if entry.language == "any"}
    if answer.parsed is None or answer.feed.url in any_language:
        return frozenset()
    return languages.unread(answer.parsed.items)


def _siblings(tx: Transaction, settings: Settings, feed: FeedRow) -> Collection[int]:
    """All feeds of its owner; none where nobody says who that is."""
    owners = owners_of(settings)
    owner = owners.of(feed.origin)
    if owner not in settings.owners:
        return ()
    return [id_ for id_, outlet in feeds.outlets(tx).items() if owners.of(outlet) == owner]


_OUTCOMES = {"new": "ok", "not_modified": "not_modified", "same_body": "same_body"}


def _keep_failures(context: Context, answers: Sequence[Answer]) -> dict[int, datetime]:
    """Where most hosts fail together we blame our own line: feeds keep their score.

    Returns when each feed (id) that failed is asked again.
    """
    ours, due = blame_ourselves(_cut_off(answers)), {}
    for answer in answers:
        error, now = answer.error, context.clock()
        if error is None:
            continue
        outage = ours and network_like(error)
        plan = after_failure(_state(answer.feed), error, now, context.rng, outage)
        due[answer.feed.id] = plan.due_at
        with context.store.write() as tx:
            feeds.record(tx, answer.feed.id, _after(plan, str(error), now))
        outcome = getattr(error, "outcome", "not_a_feed")
        context.metrics.polls.labels(outcome=outcome).inc()
        log.warning(
            "poll.failed", feed=answer.feed.name, outcome=outcome, error=str(error),
            retry_at=plan.due_at.isoformat(timespec="seconds"), our_network=outage,
        )  # fmt: skip
    return due


def _cut_off(answers: Sequence[Answer]) -> list[bool]:
    """One entry a host: whether all its feeds failed without an answer from anybody."""
    silent = Counter(one.feed.host for one in answers if one.error and network_like(one.error))
    asked = Counter(one.feed.host for one in answers)
    return [silent[host] == count for host, count in asked.items()]


def _pause(context: Context, due: Mapping[int, datetime], answers: Sequence[Answer]) -> None:
    """Leaves alone the hosts that said so in this round."""
    busy = {one.feed.id: host for one in answers if (host := busy_host(context, one))}
    for host in sorted(set(busy.values())):
        with context.store.write() as tx:
            others = [row for row in feeds.active(tx) if row.host == host]
            refusals = [
                Refusal(due[one.feed.id], _is_alone(one.feed, others))
                for one in answers
                if busy.get(one.feed.id) == host
            ]
            until = host_pause(refusals, context.clock())
            waiting = feeds.leave_alone(tx, host, until) if until else 0
        if until and waiting:
            log.warning(
                "poll.host_paused", host=host, feeds=waiting, refusals=len(refusals),
                until=until.isoformat(timespec="seconds"),
            )  # fmt: skip


def _is_alone(refused: FeedRow, others: Sequence[FeedRow]) -> bool:
    """Whether its host answered others well since it failed last (`refused`: before this round)."""
    last = refused.last_polled_at
    if not refused.failures or last is None:
        return False
    return any(one.last_ok_at and one.last_ok_at > last for one in others if one.id != refused.id)


def _state(feed: FeedRow) -> FeedState:
    return FeedState(failures=feed.failures, interval_s=feed.interval_s)


def _after(plan: Plan, error: str, now: datetime) -> dict[str, Any]:
    return {
        "due_at": plan.due_at,
        "failures": plan.failures,
        # A feed that failed through our own fault keeps its score, but is not well either.
        "state": feed_word(max(plan.failures, 1 if error else 0)),
        "last_error": error[:500],
        "last_polled_at": now,
    }


def _validators(fetched: Fetched) -> dict[str, str]:
    return {
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "body_hash": fetched.body_hash,
    }


def _count(context: Context, parsed: ParsedFeed, added: articles.Added) -> None:
    outcomes = context.metrics.articles
    outcomes.labels(outcome="new_story").inc(added.stories)
    outcomes.labels(outcome="again").inc(added.again)
    outcomes.labels(outcome="flood").inc(added.flood)
    outcomes.labels(outcome="language").inc(added.language)
    aside = added.again + added.flood + added.language
    outcomes.labels(outcome="copy").inc(added.new - added.stories - aside)
    outcomes.labels(outcome="known").inc(added.known)
    for reason, count in parsed.dropped.items():
        context.metrics.feed_entries_dropped.labels(reason=reason).inc(count)


def _say_aside(feed: FeedRow, added: articles.Added) -> None:
    if worth_a_line(added.again, added.flood, added.language):
        log.warning(
            "poll.set_aside", feed=feed.name, new=added.new, told_before=added.again,
            beyond_usual=added.flood, not_english=added.language,
            note="kept and labelled, not counted as news",
        )  # fmt: skip
