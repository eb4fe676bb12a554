"""`downdraft parse --articles`: the count stays a count, the articles stand beside it."""

from __future__ import annotations

from pathlib import Path

from command_line import Command

DATED = """<rss version="2.0"><channel><title>Tidewater</title>
<item><title>Mill burns in Orsk</title><link>https://t.example/1</link>
<pubDate>Tue, 04 Mar 2025 10:00:00 +0200</pubDate></item>
<item><title>Rates are unchanged</title><link>https://t.example/2</link></item>
</channel></rss>"""


def test_articles_stand_under_a_key_of_their_own_with_times_as_everywhere(
    downdraft: Command, tmp_path: Path
) -> None:
    (tmp_path / "feed.xml").write_text(DATED)
    document = downdraft("parse", "feed.xml", "--articles", "--json").json
    assert document["articles"] == 2
    items: list[dict[str, object]] = document["items"]  # type: ignore[assignment]
    assert [item["title"] for item in items] == ["Mill burns in Orsk", "Rates are unchanged"]
    assert [item["published_at"] for item in items] == ["2025-03-04T08:00:00Z", None]
    assert "items" not in downdraft("parse", "feed.xml", "--json").json


def test_people_read_the_same_times(downdraft: Command, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(DATED)
    said = downdraft("parse", "feed.xml", "--articles").out.splitlines()
    assert said[1].split() == ["2025-03-04T08:00:00Z", "Mill", "burns", "in", "Orsk"]
