"""Real documents as publishers served them: every file answered, every entry accounted for."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.parse import MAX_ITEMS, ParsedFeed, parse

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# entries as a naive reader would count them: outside CDATA and comments
HIDDEN = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.S)
ENTRY = re.compile(rb"<(?:item|entry)(?:\s[^>]*)?>|<url>(?:\\n|\s)*<loc>")


def read(path: Path) -> ParsedFeed:
    return parse(path.read_bytes(), "", "https://publisher.example/feed", NOW)


@pytest.fixture
def documents(shared_data: Path) -> list[Path]:
    feeds = shared_data / "feeds"
    if not feeds.is_dir():
        pytest.skip("../shared/data/feeds is missing: real feeds cannot be read here")
    folders = ("real_finance", "real_news", "real_blogs")
    return sorted(path for name in folders for path in (feeds / name).rglob("*") if path.is_file())


def test_every_entry_of_every_real_document_is_an_item_or_counted(documents: list[Path]) -> None:
    for path in documents:
        feed = read(path)
        there = len(ENTRY.findall(HIDDEN.sub(b"", path.read_bytes())))
        if feed.format != "json":
            assert len(feed.items) + sum(feed.dropped.values()) == there, path.name
        assert 0 < len(feed.items) <= MAX_ITEMS, path.name
        assert set(feed.dropped) <= {"duplicate"}, path.name


def test_real_items_are_plain_have_an_address_and_mostly_a_date(documents: list[Path]) -> None:
    items = [item for path in documents for item in read(path).items]
    assert len(items) > 5_000
    for item in items:
        assert item.title.strip() == item.title
        assert not re.search(
            r"&(?:amp|lt|gt|quot|#\d+);|</?(?:p|b|i|a|br)\b|[\x00-\x1f]", item.title
        )
        assert item.url.startswith("http"), item.title
    assert sum(item.published_at is not None for item in items) > 0.98 * len(items)
    stated = [item for item in items if item.published_raw]
    assert all(item.published_at for item in stated)


def test_a_sequence_of_real_polls_brings_each_article_once(shared_data: Path) -> None:
    polls = sorted((shared_data / "feeds" / "poll_sequence").glob("*.xml.gz"))
    if not polls:
        pytest.skip("../shared/data/feeds/poll_sequence is missing")
    seen: dict[str, str] = {}
    for path in polls:
        feed = read(path)
        there = len(ENTRY.findall(HIDDEN.sub(b"", gzip.decompress(path.read_bytes()))))
        assert len(feed.items) + feed.dropped.get("duplicate", 0) == there
        for item in feed.items:
            assert seen.setdefault(item.guid, item.title) == item.title
    assert len(polls) == 40
    assert len(seen) == len(set(seen.values())) == 138
