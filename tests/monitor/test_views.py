"""What the pages read from the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from web_rows import HOUR, NAME, NOW, SETTINGS, TOPIC, add_bins, add_story, an_alert, newsroom

from alerts.types import Stream
from monitor.store import alerts, bins, views
from monitor.store.engine import Store, open_store
from monitor.store.tables import label
from monitor.store.views import TargetSentiment
from monitor.web import reading
from monitor.web.reading import Site

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


def test_an_empty_store_has_nothing_to_show(store: Store) -> None:
    with store.read() as tx:
        assert views.live(tx) is None
        assert views.volume(tx, NOW) == views.Volume(0, 0, 0)
        assert views.headlines(tx, NOW - DAY, 10) == []
        assert bins.since(tx, NOW - DAY) == {}


def test_volume_counts_copies_as_articles_but_once_as_a_story(store: Store) -> None:
    with store.write() as tx:
        add_story(tx, "now", NOW - 0.5 * HOUR, origins=["a", "b"])
        add_story(tx, "this morning", NOW - 5 * HOUR, origins=["a", "b", "c"])
        add_story(tx, "the day before", NOW - 25 * HOUR)
        assert views.volume(tx, NOW) == views.Volume(2, 5, 2)


def test_a_headline_is_the_first_copy_of_its_story_newest_first(store: Store) -> None:
    with store.write() as tx:
        add_story(tx, "older", NOW - 3 * HOUR, origins=["a", "b", "b"])
        add_story(tx, "newer", NOW - 2 * HOUR, "neutral", targets=[(NAME, "positive")])
        newer, older = views.headlines(tx, NOW - DAY, 10)
    assert (newer.title, newer.sentiment, newer.probability) == ("newer", "neutral", 0.7)
    assert newer.targets == (TargetSentiment(NAME, "positive", 0.9),)
    assert (older.title, older.origin, older.other_outlets, older.targets) == ("older", "a", 1, ())


def test_headlines_stop_at_the_window_and_at_the_limit(store: Store) -> None:
    with store.write() as tx:
        for hours in (1, 2, 3, 30):
            add_story(tx, f"{hours} h ago", NOW - hours * HOUR)
        assert len(views.headlines(tx, NOW - DAY, 10)) == 3
        assert [h.title for h in views.headlines(tx, NOW - DAY, 1)] == ["1 h ago"]


@pytest.mark.parametrize(
    ("stream", "titles"),
    [
        (Stream(), ["other topic", "about the name", "plain"]),
        (Stream(topic=TOPIC), ["about the name", "plain"]),
        (Stream(target=NAME), ["about the name"]),
        (Stream(topic="Markets", target=NAME), []),
    ],
)
def test_the_stories_of_a_stream_are_those_it_counted(
    store: Store, stream: Stream, titles: list[str]
) -> None:
    with store.write() as tx:
        add_story(tx, "plain", NOW - 3 * HOUR, origins=["a", "b"])
        add_story(tx, "about the name", NOW - 2 * HOUR, "neutral", targets=[(NAME, "negative")])
        add_story(tx, "other topic", NOW - HOUR, topic="Markets")
        add_story(tx, "too early", NOW - 9 * HOUR, targets=[(NAME, "negative")])
        found = views.stories_of(tx, stream, NOW - 4 * HOUR, NOW, 50)
    assert [headline.title for headline in found] == titles


def test_a_name_stream_shows_the_sentiment_towards_the_name(store: Store) -> None:
    with store.write() as tx:
        add_story(tx, "mixed", NOW - HOUR, "positive", targets=[(NAME, "negative")])
        (found,) = views.stories_of(tx, Stream(target=NAME), NOW - DAY, NOW, 5)
    assert (found.sentiment, found.probability) == ("negative", 0.8)


def test_a_headline_shows_the_label_chosen_with_its_own_probability_and_what_was_counted(
    store: Store,
) -> None:
    with store.write() as tx:
        add_story(tx, "mixed", NOW - HOUR, "neutral", targets=[(NAME, "neutral")])
        tx.execute(sa.update(label).values(sentiment="negative"))  # 0.1 of it, 0.7 neutral
        (found,) = views.stories_of(tx, Stream(), NOW - DAY, NOW, 5)
    assert (found.sentiment, found.probability, found.negative) == ("negative", 0.1, False)
    assert found.targets == (TargetSentiment(NAME, "negative", 0.1),)


def test_bins_come_by_stream_and_in_order_of_time(store: Store) -> None:
    with store.write() as tx:
        add_bins(tx, Stream(), [(1, 0), (2, 1), (3, 2)])
        add_bins(tx, Stream(target=NAME), [(5, 5)])
        found = bins.since(tx, NOW - 2 * HOUR)
        one = bins.of(tx, Stream(), NOW - 9 * HOUR, NOW - HOUR)
    assert [b.stories for b in found[Stream()]] == [2, 3]
    assert [b.negatives for b in found[Stream(target=NAME)]] == [5]
    assert [b.stories for b in one] == [1, 2]
    assert one[0].width == HOUR


def test_copies_come_oldest_first_with_their_outlet(store: Store) -> None:
    with store.write() as tx:
        one = add_story(tx, "spread", NOW - HOUR, origins=["first", "second"], url="https://x/1")
        copies = views.copies_of(tx, [one])
    assert [(c.origin, c.url) for c in copies[one]] == [
        ("first", "https://x/1"),
        ("second", "https://x/1"),
    ]


def test_alerts_of_a_stream_leave_other_streams_and_older_ones_out(store: Store) -> None:
    with store.write() as tx:
        for name, stream, age in (("a", NAME, 1), ("b", NAME, 2), ("c", NAME, 90), ("d", "", 1)):
            alert = an_alert(name, Stream(target=stream), raised_at=NOW - age * HOUR)
            alerts.open_new(tx, alert, [])
        assert views.alert_ids(tx, Stream(target=NAME), NOW - DAY, 9) == ["a", "b"]


def test_no_query_of_the_pages_walks_a_growing_table(store: Store) -> None:
    newsroom(store)
    statements: list[tuple[str, Any]] = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        statements.append((sql, values))

    _read_everything(store)
    sa.event.remove(store.engine, "before_cursor_execute", _note)
    plans = [plan for sql, values in statements for plan in _plan(store, sql, values)]
    growing = ("article", "label", "story", "bin", "story_key")
    walked = [
        plan
        for plan in plans
        if plan.split()[:1] == ["SCAN"] and plan.split()[1] in growing and "INDEX" not in plan
    ]
    assert len(plans) > 15
    assert walked == []


def _read_everything(store: Store) -> None:
    site = Site(store, SETTINGS, lambda: NOW, "")
    with store.read() as tx:
        reading.state(tx, reading.feed_health(tx), NOW)
        reading.open_alerts(tx)
        reading.headlines(tx, NOW, 40)
        site.streams(tx, NOW)
        site.series(tx, Stream(target=NAME), 7, NOW)
        for stream in (Stream(), Stream(TOPIC, ""), Stream("", NAME), Stream(TOPIC, NAME)):
            views.stories_of(tx, stream, NOW - DAY, NOW, 300)
        views.copies_of(tx, [1, 2])


def _plan(store: Store, sql: str, values: Any) -> list[str]:
    if not sql.lower().startswith("select"):
        return []
    with store.engine.connect() as tx:
        return [row[3] for row in tx.exec_driver_sql(f"explain query plan {sql}", values)]
