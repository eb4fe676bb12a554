from __future__ import annotations

from collections import Counter

from monitor.newswire.frames import FILES, SLOT, read_crises, read_frames
from monitor.newswire.outlets import read_outlets, read_toml
from monitor.newswire.world import read_world
from policy.types import TOPICS


def test_there_are_enough_headlines_of_every_topic_and_sentiment() -> None:
    frames = read_frames()
    assert len(frames) >= 450
    assert len({frame.text for frame in frames}) == len(frames)
    counts = Counter((frame.topic, frame.sentiment) for frame in frames)
    assert len(counts) == 3 * len(TOPICS)
    assert min(counts.values()) >= 6


def test_every_crisis_has_over_thirty_headlines_and_companies_of_the_watch_list() -> None:
    watched = {company.name for company in read_world().watched}
    assert len(read_crises()) >= 5
    for text in read_crises():
        assert len(set(text.headlines)) == len(text.headlines) >= 34
        assert set(text.companies) <= watched


def test_every_topic_and_crisis_has_summaries() -> None:
    for name in (*FILES, "crises.toml"):
        for topic, table in read_toml(name).items():
            assert topic in TOPICS
            assert all(SLOT.sub("x", line).endswith(".") for line in table["summaries"])


def test_outlets_are_about_thirty_in_all_four_formats_and_fictional() -> None:
    outlets = read_outlets()
    assert 28 <= len(outlets) <= 34
    assert {outlet.format for outlet in outlets} == {"rss20", "rss10", "atom10", "json"}
    assert all(outlet.domain.endswith(".example") for outlet in outlets)
    assert len({outlet.slug for outlet in outlets}) == len(outlets)
    assert {topic for outlet in outlets for topic in outlet.topics} <= set(TOPICS)
