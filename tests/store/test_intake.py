"""What comes in and is not news of now: kept, labelled, and not counted."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from alerts.types import Stream
from monitor.cli.state import lines, read_state
from monitor.floods import FEW
from monitor.store import articles, companions, detection, feeds, labels
from monitor.store.articles import Added
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.store.tables import article
from monitor.stories import STORY_WINDOW
from monitor.types import Item, Label
from policy.types import TOPICS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = "Halvorsen Marine sued by creditors over missing cargo"
LETTERS = "abcdefghijklmnopqrst"


def titles(day: int, feed: str, many: int) -> list[str]:
    """Headlines of one day, none like another: of words that nobody uses twice."""
    made = random.Random(f"{feed} {day}")
    return [" ".join("".join(made.choices(LETTERS, k=6)) for _ in range(6)) for _ in range(many)]


def bring(
    store: Store,
    feed: str,
    told: list[str],
    now: datetime,
    guid: str = "",
    owned: tuple[str, ...] = (),
) -> Added:
    """`owned`: names of the feeds of its owner."""
    items = [Item(f"{guid}{t}", "", t, "", "", None, "") for t in told]
    with store.write() as tx:
        feeds.add(tx, NewFeed(f"https://{feed}.example", feed, feed, 300), "config", now)
        ids = {row.name: row.id for row in feeds.active(tx)}
        siblings = [ids[name] for name in owned]
        return articles.add_items(tx, ids[feed], feed, items, now, siblings=siblings)


def counted(store: Store, now: datetime) -> int:
    """Stories of the hour, once all are labelled."""
    start = detection.floor(now, HOUR)
    with store.write() as tx:
        work = labels.claim(tx, now, HOUR, 10_000)
        answer = ((1.0,) + (0.0,) * 19, (1.0, 0.0, 0.0), "ck", "cpu", now)
        new = [Label(w.article_id, "", TOPICS[0], "negative", *answer) for w in work]
        labels.add(tx, work, new, now)
        detection.place_labels(tx, start, HOUR)
        return detection.counts(tx, start).get(Stream(), (0, 0))[0]


@pytest.mark.parametrize("feed", ["tidewater", "granary"])
def test_what_was_told_before_the_window_is_told_again_and_counts_for_nothing(
    store: Store, noon: datetime, feed: str
) -> None:
    assert bring(store, "tidewater", [OLD], noon).stories == 1
    assert counted(store, noon) == 1
    later = noon + 300 * DAY
    added = bring(store, feed, [f"UPDATE 1-{OLD.upper()}"], later, guid="new")
    assert (added.new, added.stories, added.again) == (1, 0, 1)
    assert counted(store, later) == 0
    with store.read() as tx:
        assert labels.backlog(tx) == 0
        assert detection.SqlLedger(tx).origins(Stream(), later - HOUR, later + HOUR) == {}
        assert companions.arrivals(tx, later, later + HOUR) == {}


def test_a_copys_own_words_are_known_again_too(store: Store, noon: datetime) -> None:
    own = "Halvorsen Marine is sued by angry creditors over missing cargo"
    bring(store, "tidewater", [OLD], noon)
    assert bring(store, "granary", [own], noon + HOUR).stories == 0
    assert bring(store, "granary", [own], noon + 30 * DAY, guid="new").again == 1


def test_a_short_title_is_news_whenever_it_returns(store: Store, noon: datetime) -> None:
    bring(store, "tidewater", ["Oil prices fall"], noon)
    added = bring(store, "tidewater", ["Oil prices fall"], noon + STORY_WINDOW + HOUR, guid="new")
    assert (added.stories, added.again) == (1, 0)


def ordinary_week(store: Store, noon: datetime) -> None:
    for day in range(8):
        bring(store, "tidewater", titles(day, "tidewater", 40), noon + day * DAY)
        bring(store, "granary", titles(day, "granary", 5), noon + day * DAY)


def test_a_feed_that_floods_counts_for_what_it_may_tell_and_all_is_kept(
    store: Store, noon: datetime
) -> None:
    ordinary_week(store, noon)
    counted(store, noon)
    now = noon + 8 * DAY
    bring(store, "tidewater", titles(8, "tidewater", 40), now)
    added = bring(store, "granary", titles(8, "flood", 300), now + 5 * timedelta(minutes=1))
    assert (added.new, added.stories, added.flood) == (300, 15, 285)
    assert counted(store, now) == 55
    more = bring(store, "granary", titles(8, "more", 30), now + HOUR)
    assert (more.stories, more.flood) == (0, 30)
    with store.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).where(article.c.aside == "flood")).scalar_one()
        feed_id = next(row.id for row in feeds.active(tx) if row.name == "granary")
        assert companions.arrivals(tx, now, now + DAY)[feed_id] == 15


def test_feeds_of_one_owner_share_what_one_may_tell(store: Store, noon: datetime) -> None:
    both = ("granary", "herald")
    for day in range(8):
        bring(store, "tidewater", titles(day, "tidewater", 40), noon + day * DAY)
        for feed in both:
            bring(store, feed, titles(day, feed, 5), noon + day * DAY)
    now = noon + 8 * DAY
    bring(store, "tidewater", titles(8, "tidewater", 40), now)
    floods = [bring(store, feed, titles(8, f"flood {feed}", 50), now, owned=both) for feed in both]
    assert [added.stories for added in floods] == [30, 0]
    unowned = bring(store, "herald", titles(8, "more", 50), now + HOUR)
    assert unowned.stories > FEW  # the same past, read without a table: it acts at once


def test_a_new_site_of_an_owner_takes_nothing_of_what_the_others_may_tell(
    store: Store, noon: datetime
) -> None:
    ordinary_week(store, noon)
    now = noon + 8 * DAY
    bring(store, "herald", [], now)
    both = ("granary", "herald")
    assert bring(store, "herald", titles(8, "herald", 200), now, owned=both).stories == 40
    assert bring(store, "granary", titles(8, "granary", 14), now, owned=both).stories == 14


def test_a_feed_that_only_ever_copied_is_known_too(store: Store, noon: datetime) -> None:
    for day in range(9):
        told = titles(day, "tidewater", 40)
        bring(store, "tidewater", told, noon + day * DAY)
        bring(store, "granary", told[:5], noon + day * DAY)
    added = bring(store, "granary", titles(9, "flood", 50), noon + 9 * DAY)
    assert (added.stories, added.flood) == (FEW, 50 - FEW)


def test_what_another_feed_tells_too_is_news_by_that_feed(store: Store, noon: datetime) -> None:
    ordinary_week(store, noon)
    now = noon + 8 * DAY
    flooded = titles(8, "flood", 300)
    bring(store, "granary", flooded, now)
    with store.read() as tx:
        query = sa.select(article.c.title).where(article.c.aside == "flood")
        beyond = tx.execute(query.limit(3)).scalars().all()
    before = counted(store, now)
    assert bring(store, "granary", list(beyond), now, guid="new").stories == 0
    assert counted(store, now) == before
    bring(store, "tidewater", list(beyond), now)
    assert counted(store, now) == before + 3


def test_where_all_feeds_are_new_their_first_readings_are_no_floods(
    store: Store, noon: datetime
) -> None:
    bring(store, "tidewater", titles(0, "tidewater", 40), noon)
    added = bring(store, "herald", titles(6, "herald", 200), noon + 6 * DAY)
    assert (added.stories, added.flood) == (200, 0)


def test_a_feed_that_nobody_knows_may_tell_what_the_busiest_does(
    store: Store, noon: datetime
) -> None:
    ordinary_week(store, noon)
    now = noon + 8 * DAY
    added = bring(store, "herald", titles(8, "herald", 30), now)
    assert (added.stories, added.flood) == (30, 0)
    added = bring(store, "herald", titles(9, "herald", 200), now)
    assert (added.stories, added.flood) == (10, 190)


def test_new_sites_of_one_owner_share_what_a_new_one_may_tell(store: Store, noon: datetime) -> None:
    ordinary_week(store, noon)
    now, both = noon + 8 * DAY, ("herald", "courier")
    bring(store, "courier", [], now)
    bring(store, "herald", titles(8, "herald", 30), now)
    added = bring(store, "courier", titles(8, "courier", 50), now, owned=both)
    assert (added.stories, added.flood) == (10, 40)


def test_a_few_more_than_ever_are_no_flood(store: Store, noon: datetime) -> None:
    ordinary_week(store, noon)
    assert bring(store, "granary", titles(8, "granary", FEW), noon + 8 * DAY).flood == 0


def test_dates_that_publishers_give_neither_hide_nor_fake_news(
    store: Store, noon: datetime
) -> None:
    dates = (None, noon - 9_000 * DAY, noon - 2 * HOUR, noon + 20 * HOUR)
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://x.example", "x", "x", 300), "config", noon)
        told = zip(titles(1, "x", len(dates)), dates, strict=True)
        items = [Item(title, "", title, "", "", date, "") for title, date in told]
        articles.add_items(tx, feeds.active(tx)[0].id, "x", items, noon)
    assert counted(store, noon) == len(dates)


def test_who_brought_what_is_set_aside_is_said_in_a_line(store: Store, noon: datetime) -> None:
    ordinary_week(store, noon)
    now = noon + 8 * DAY
    bring(store, "granary", titles(8, "flood", 300), now)
    bring(store, "tidewater", titles(1, "tidewater", 40), now, guid="new")
    state = read_state(store, now)
    assert state["set_aside"] == [
        {"feed": "granary", "again": 0, "flood": 285, "language": 0},
        {"feed": "tidewater", "again": 40, "flood": 0, "language": 0},
    ]
    told = [line for line in lines(state) if line.startswith("set aside")]
    assert [line.split()[2] for line in told] == ["granary:", "tidewater:"]
    assert "not counted" in told[0]
    assert read_state(store, now + 2 * DAY)["set_aside"] == []
