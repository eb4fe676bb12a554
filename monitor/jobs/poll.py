"""poll: due feeds → articles and their stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog

from monitor import languages
from monitor.config import Settings
from monitor.context import Context
from monitor.errors import FetchError, ParseError
from monitor.fetch import FeedRequest, Fetched, Limits, fetch
from monitor.floods import worth_a_line
from monitor.parse import ParsedFeed
from monitor.schedule import (
    FeedState,
    Plan,
    address,
    after_failure,
    after_success,
    blame_ourselves,
    feed_word,
    network_like,
)
from monitor.store import articles, feeds
from monitor.store.feeds import FeedRow

log = structlog.get_logger()

_LEASE = timedelta(minutes=5)  # well above what one feed may take


@dataclass(frozen=True, slots=True)
class Answer:
    """What one feed said."""

    feed: FeedRow
    fetched: Fetched | None
    parsed: ParsedFeed | None  # None where nothing new was sent
    error: FetchError | ParseError | None


def poll(context: Context) -> bool:
    """One round over the feeds that are due."""
    now = context.clock()
    limit = context.settings.poll.workers * 4
    with context.store.write() as tx:
        claimed = feeds.claim_due(tx, now, _LEASE, limit)
    if not claimed:
        return False
    failed = []
    with ThreadPoolExecutor(context.settings.poll.workers, "poll") as pool:
        for answer in pool.map(lambda feed: _ask(context, feed, now), claimed):
            if answer.error is None:
                _keep(context, answer)
            else:
                failed.append(answer)
    _keep_failures(context, failed, claimed)
    return len(claimed) == limit


def _ask(context: Context, feed: FeedRow, now: datetime) -> Answer:
    poll_settings = context.settings.poll
    request = FeedRequest(_address(feed), feed.etag, feed.last_modified, feed.body_hash)
    limits = Limits(timeout_s=poll_settings.timeout_s, max_bytes=poll_settings.max_bytes)
    fetched = None
    try:
        fetched = fetch(context.client, request, limits, now)
        parsed = None
        if fetched.status == "new":
            parsed = context.parser.parse(
                fetched.body, fetched.content_type, fetched.final_url, now
            )
        return Answer(feed, fetched, parsed, None)
    except (FetchError, ParseError) as error:
        return Answer(feed, fetched, None, error)


def _keep(context: Context, answer: Answer) -> None:
    """Writes one feed's articles and its new validators in one transaction."""
    fetched, feed, now = answer.fetched, answer.feed, context.clock()
    assert fetched is not None
    plan = after_success(_state(feed), fetched.status, fetched.max_age_s, now, context.rng)
    values = _after(plan, "", now) | {"last_ok_at": now}
    values["fetch_url"] = fetched.moved_to or _address(feed)
    unread = _unread(context.settings, answer)
    with context.store.write() as tx:
        if answer.parsed is not None:
            items = answer.parsed.items
            added = articles.add_items(tx, feed.id, feed.origin, items, now, unread)
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


_OUTCOMES = {"new": "ok", "not_modified": "not_modified", "same_body": "same_body"}


def _keep_failures(context: Context, failed: Sequence[Answer], claimed: Sequence[FeedRow]) -> None:
    """Where most hosts fail together we blame our own line: feeds keep their score."""
    ours = blame_ourselves(_cut_off(failed, claimed))
    for answer in failed:
        error, now = answer.error, context.clock()
        assert error is not None
        outage = ours and network_like(error)
        plan = after_failure(_state(answer.feed), error, now, context.rng, outage)
        with context.store.write() as tx:
            feeds.record(tx, answer.feed.id, _after(plan, str(error), now))
        outcome = getattr(error, "outcome", "not_a_feed")
        context.metrics.polls.labels(outcome=outcome).inc()
        log.warning(
            "poll.failed", feed=answer.feed.name, outcome=outcome, error=str(error),
            retry_at=plan.due_at.isoformat(timespec="seconds"), our_network=outage,
        )  # fmt: skip


def _cut_off(failed: Sequence[Answer], claimed: Sequence[FeedRow]) -> list[bool]:
    """One entry a host: whether all its feeds failed without an answer from anybody."""
    silent = Counter(_host(a.feed) for a in failed if a.error and network_like(a.error))
    asked = Counter(_host(feed) for feed in claimed)
    return [silent[host] == count for host, count in asked.items()]


def _host(feed: FeedRow) -> str:
    return urlsplit(_address(feed)).hostname or ""


def _address(feed: FeedRow) -> str:
    return address(feed.url, feed.fetch_url, feed.failures)


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
