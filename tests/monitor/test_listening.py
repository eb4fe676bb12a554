"""Priorities as configured; and which bins say something about the world."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.detector import DetectorConfig
from alerts.types import Stream
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.listening import listening
from monitor.store import articles, companions, feeds
from monitor.store.engine import Store, Transaction
from monitor.store.feeds import NewFeed
from monitor.types import Item
from monitor.watching import config_of, streams_of

HOUR = timedelta(hours=1)
CONFIG = DetectorConfig()


def settings(**detect: object) -> Settings:
    names = [{"name": "Acme"}, {"name": "Corvane"}]
    topics = ["Legal | Regulation", "Energy | Oil"]
    return Settings.model_validate({"detect": {"topics": topics} | detect, "watch": names})


def test_weights_spread_the_budget_over_topics_names_and_the_whole() -> None:
    given = settings(weights={"Energy | Oil": 3, "Acme": 2, "all news": 0.5}, alarms_per_week=2)
    streams, config = streams_of(given), config_of(given)
    parts = {budget.part for budget in config.budgets(streams)}
    assert config.weights == {
        Stream(): 0.5, Stream("Energy | Oil"): 3.0, Stream(target="Acme"): 2.0,
    }  # fmt: skip
    assert sum(b.stream_alarms_per_week for b in config.budgets(streams)) == pytest.approx(2)
    assert max(parts) == pytest.approx(3 / 7.5)


def test_a_weight_for_something_that_nobody_watches_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "downdraft.toml"
    file.write_text('[[watch]]\nname = "Acme"\n[detect.weights]\n"Acmee" = 2\n')
    with pytest.raises(ConfigError, match="Acmee is not watched; did you mean Acme"):
        load_settings(file)
    file.write_text('[detect.weights]\n"all news" = 0\n')
    with pytest.raises(ConfigError, match="greater than 0"):
        load_settings(file)


def test_companions_have_budgets_of_their_own_smaller_than_the_shares() -> None:
    config = config_of(settings())
    assert 0 < config.coverage_alarms_per_week < config.volume_alarms_per_week
    assert config.volume_alarms_per_week < config.alarms_per_week
    assert config.positive_alarms_per_week == 0


def poll(tx: Transaction, feed: int, at: datetime, *titles: str) -> None:
    items = [Item(t, f"https://x.example/{t}", t, "", "", None, "", "") for t in titles]
    articles.add_items(tx, feed, "outlet", items, at)
    feeds.record(tx, feed, {"last_ok_at": at})
    companions.remember_heard(tx, at - HOUR, HOUR)


def test_a_bin_after_a_silence_of_ours_is_no_evidence_and_the_one_after_it_is(
    sqlite_store: Store, noon: datetime
) -> None:
    with sqlite_store.write() as tx:
        feeds.add(tx, NewFeed("https://a.example", "Tidewater", "t", 300), "config", noon)
        (row,) = feeds.active(tx)
        for hour in (-2, -1, 6, 7):
            poll(tx, row.id, noon + hour * HOUR)
        found = [listening(tx, noon + hour * HOUR, CONFIG).heard for hour in (-1, 0, 5, 6, 7)]
    assert found == [True, False, False, False, True]


def test_a_feeds_first_reading_and_a_backlog_are_no_evidence_of_volume(
    sqlite_store: Store, noon: datetime
) -> None:
    with sqlite_store.write() as tx:
        for name in ("Tidewater", "Granary"):
            feeds.add(tx, NewFeed(f"https://{name}.example", name, name, 300), "config", noon)
        old, new = (
            next(row.id for row in feeds.active(tx) if row.name == name)
            for name in ("Tidewater", "Granary")
        )
        poll(tx, old, noon - 2 * HOUR, "Mill burns in Orsk")
        tx.exec_driver_sql("update article set labelled_at = first_seen_at")
        poll(tx, old, noon - HOUR)
        quiet = listening(tx, noon - HOUR, CONFIG)
        poll(tx, new, noon, "Varna port reopens", "Judges meet over patents")
        first = listening(tx, noon, CONFIG)
        tx.exec_driver_sql("update article set labelled_at = first_seen_at")
        second = listening(tx, noon + HOUR, CONFIG)
    assert quiet.counted
    assert quiet.first_read == {"Granary"}
    assert not first.counted
    assert first.articles == {"Granary": 2}
    assert second.counted
    assert not second.first_read


def test_positive_stories_are_counted_only_where_they_are_watched(
    sqlite_store: Store, noon: datetime
) -> None:
    with sqlite_store.read() as tx:
        assert listening(tx, noon, CONFIG).positive_ledger is None
        watched = DetectorConfig(positive_alarms_per_week=0.5)
        assert listening(tx, noon, watched).positive_ledger is not None
