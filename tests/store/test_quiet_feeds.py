"""Which feeds answer and have fallen quiet, as the store knows them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from store_rows import add_feed

from monitor.quiet import Silence
from monitor.store import articles, feeds, quiet
from monitor.store.engine import Store
from monitor.types import Item

DAY = timedelta(days=1)


def polled(store: Store, feed: int, at: datetime, *items: Item, state: str = "ok") -> None:
    """As a poll records it."""
    with store.write() as tx:
        values = {"state": state} | ({"last_ok_at": at} if state == "ok" else {})
        if items:
            articles.add_items(tx, feed, "Tidewater", items, at)
            values["last_article_at"] = at
        feeds.record(tx, feed, values)


def story(number: int, published: datetime | None = None) -> Item:
    return Item(f"g{number}", "", f"Council {number} votes on {number}", "", "", published, "", "")


def silence(store: Store) -> Silence | None:
    with store.read() as tx:
        (one,) = quiet.judged(tx)
        assert quiet.states(quiet.judged(tx)) == {one.state: 1}
    return one.silence


def every_two_days(store: Store, noon: datetime, many: int) -> tuple[int, datetime]:
    """A feed heard of every two days; and when it was last."""
    feed = add_feed(store, noon)
    for number in range(many):
        polled(store, feed, noon + 2 * number * DAY, story(number))
    return feed, noon + 2 * (many - 1) * DAY


def test_a_feed_is_quiet_after_ten_of_its_gaps_and_well_when_it_speaks(
    store: Store, noon: datetime
) -> None:
    feed, last = every_two_days(store, noon, 12)
    polled(store, feed, last + 19.9 * DAY)
    assert silence(store) is None
    polled(store, feed, last + 20 * DAY)
    assert silence(store) == Silence(last, 2 * DAY)
    polled(store, feed, last + 21 * DAY, story(99))
    assert silence(store) is None


def test_a_feed_of_few_articles_is_quiet_after_ninety_days(store: Store, noon: datetime) -> None:
    feed, last = every_two_days(store, noon, 3)
    polled(store, feed, last + 89 * DAY)
    assert silence(store) is None
    polled(store, feed, last + 90 * DAY)
    assert silence(store) == Silence(last, None)


def test_a_feed_without_any_article_is_quiet_ninety_days_after_it_was_added(
    store: Store, noon: datetime
) -> None:
    feed = add_feed(store, noon)
    assert silence(store) is None
    polled(store, feed, noon + 89 * DAY)
    assert silence(store) is None
    polled(store, feed, noon + 90 * DAY)
    assert silence(store) == Silence(noon, None)


def test_what_nobody_has_asked_is_no_silence(store: Store, noon: datetime) -> None:
    """The daemon was away for a year: it last heard the feed when all was well."""
    feed, last = every_two_days(store, noon, 12)
    polled(store, feed, last + DAY)
    assert silence(store) is None


@pytest.mark.parametrize("state", ["failing", "down"])
def test_a_feed_that_fails_is_called_that(store: Store, noon: datetime, state: str) -> None:
    feed, last = every_two_days(store, noon, 12)
    polled(store, feed, last + 60 * DAY)
    assert silence(store) is not None
    polled(store, feed, last + 61 * DAY, state=state)
    with store.read() as tx:
        assert quiet.states(quiet.judged(tx)) == {state: 1}


def test_a_feed_that_was_dead_when_it_was_added_is_quiet_at_once(
    store: Store, noon: datetime
) -> None:
    feed, last = add_feed(store, noon), noon - 270 * DAY
    past = [story(number, last - 2 * number * DAY) for number in range(10)]
    polled(store, feed, noon, *past)
    assert silence(store) == Silence(last, 2 * DAY)


def test_old_dates_on_new_articles_are_no_silence(store: Store, noon: datetime) -> None:
    feed = add_feed(store, noon)
    for day in range(12):
        polled(store, feed, noon + day * DAY, story(day, noon - 5000 * DAY))
    assert silence(store) is None


def test_only_the_newest_articles_say_what_is_usual(store: Store, noon: datetime) -> None:
    feed = add_feed(store, noon)
    past = [story(number, noon - timedelta(hours=number)) for number in range(60)]
    polled(store, feed, noon, *past)
    for number in range(1, 51):
        polled(store, feed, noon + number * 3 * DAY, story(100 + number))
    last = noon + 150 * DAY
    polled(store, feed, last + 29 * DAY)
    assert silence(store) is None
    polled(store, feed, last + 30 * DAY)
    assert silence(store) == Silence(last, 3 * DAY)
