"""One round of questions: many feeds side by side, each host in its own measure."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue

from monitor.context import Context
from monitor.errors import FetchError, ParseError
from monitor.fetch import FeedRequest, Fetched, Limits, fetch
from monitor.pacing import Turn, next_turn
from monitor.parse import ParsedFeed
from monitor.store.feeds import FeedRow

_Waiting = list[tuple[str, FeedRow]]  # by host


@dataclass(frozen=True, slots=True)
class Answer:
    """What one feed said."""

    feed: FeedRow
    fetched: Fetched | None
    parsed: ParsedFeed | None  # None where nothing new was sent
    error: FetchError | ParseError | None


def ask_all(
    context: Context, feeds: Sequence[FeedRow], now: datetime
) -> Generator[Answer, None, None]:
    """The answers in the order of the feeds, each as soon as those before it are there.

    What is drawn by chance and which copy leads a story must not hang on who answers first. Feeds
    that failed last time come last: one that its host always refuses would send its siblings away
    each time before they were asked. None comes from feeds whose host wanted to be left alone
    before their turn.
    """
    feeds = sorted(feeds, key=lambda feed: feed.failures > 0)
    place, held = 0, dict[int, Answer]()
    for answer in _as_they_come(context, feeds, now):
        held[answer.feed.id] = answer
        while place < len(feeds) and feeds[place].id in held:
            yield held.pop(feeds[place].id)
            place += 1
    yield from (held[feed.id] for feed in feeds[place:] if feed.id in held)


def _as_they_come(
    context: Context, feeds: Sequence[FeedRow], now: datetime
) -> Generator[Answer, None, None]:
    waiting: _Waiting = [(feed.host, feed) for feed in feeds]
    answers: SimpleQueue[Answer | None] = SimpleQueue()
    many = min(context.settings.poll.workers, len(feeds))
    with ThreadPoolExecutor(many, "poll") as pool:
        workers = [pool.submit(_work, context, waiting, answers, now) for _ in range(many)]
        try:
            for _ in workers:
                while answer := answers.get():
                    yield answer
        finally:  # where the reader stops early, so do we
            context.pace.send_away(waiting)
        for worker in workers:
            worker.result()  # a bug is the round's


def _work(
    context: Context, waiting: _Waiting, answers: SimpleQueue[Answer | None], now: datetime
) -> None:
    """Asks as long as anybody waits; the last word is None."""
    try:
        while True:
            with next_turn(context.pace, waiting) as taken:
                if taken is None:
                    return
                answer = _ask(context, *taken, now)
                busy = busy_host(context, answer)
                if busy:  # before the turn ends: nobody may slip in between
                    context.pace.send_away(waiting, busy)
            answers.put(answer)
    finally:
        answers.put(None)


def busy_host(context: Context, answer: Answer) -> str:
    """The host that wants to be left alone, or "" where none does, or each feed is for itself."""
    host = answer.error.busy_host if isinstance(answer.error, FetchError) else ""
    return "" if host in context.settings.poll.shared_hosts else host


def _ask(context: Context, feed: FeedRow, turn: Turn, now: datetime) -> Answer:
    poll_settings = context.settings.poll
    request = FeedRequest(feed.address, feed.etag, feed.last_modified, feed.body_hash)
    limits = Limits(timeout_s=poll_settings.timeout_s, max_bytes=poll_settings.max_bytes)
    fetched = None
    try:
        fetched = fetch(context.client, request, limits, now, turn.move)
        parsed = None
        if fetched.status == "new":
            parsed = context.parser.parse(
                fetched.body, fetched.content_type, fetched.final_url, now
            )
        return Answer(feed, fetched, parsed, None)
    except (FetchError, ParseError) as error:
        return Answer(feed, fetched, None, error)
