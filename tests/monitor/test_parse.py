"""Documents to items: every format, titles on one line, identities, nothing counted twice."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from feed_documents import ATOM, JSON, RDF, RSS, SITEMAP, read, rss


@pytest.mark.parametrize(
    ("document", "name", "dropped"),
    [
        (RSS, "rss20", {}),
        (RDF, "rss10", {}),
        (ATOM, "atom10", {}),
        (JSON, "json", {"no_title": 1}),
        (SITEMAP, "sitemap", {"no_title": 1}),
    ],
)
def test_each_format_gives_the_same_article(
    document: bytes, name: str, dropped: dict[str, int]
) -> None:
    feed = read(document)
    assert (feed.format, feed.title, feed.dropped) == (name, "Herald", dropped)
    item = feed.items[0]
    assert item.title.startswith("Acme falls ")
    assert item.url == "https://herald.example/a"
    assert item.published_at == datetime(2031, 3, 4, 11, 0, tzinfo=UTC)
    assert read(gzip.compress(document, mtime=0)) == feed


def test_an_item_holds_the_publishers_words_and_plain_text() -> None:
    item = read(RSS).items[0]
    assert item.guid == "g1"
    assert item.summary == "Shares of Acme fell."
    assert item.published_raw == "Tue, 04 Mar 2031 06:00:00 -0500"
    assert (item.language, item.publisher) == ("en-us", "Wire")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("AT&amp;amp;T &amp;amp;amp; friends", "AT&T & friends"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<i>Acme</i>&nbsp;falls]]>", "Acme falls"),
        ("Margin &lt; 5 % &gt; 3 %", "Margin < 5 % > 3 %"),
        ("Acme &lt;ACM.N&gt; falls", "Acme <ACM.N> falls"),
        ("Two\n  lines\tand&#8203; more", "Two lines and more"),
        ("one&lt;br/&gt;two", "one two"),
        ("x&lt;script&gt;alert(1)&lt;/script&gt;y", "xy"),
        ("Acme &amp;#8217;s", "Acme ’s"),
    ],
)
def test_titles_are_plain_text_on_one_line(raw: str, plain: str) -> None:
    assert read(rss(f"<title>{raw}</title>")).items[0].title == plain


def test_long_texts_are_cut_and_survived() -> None:
    long = "word " * 20_000
    item = read(rss(f"<title>{long}</title><description>{long}</description>")).items[0]
    assert len(item.title) <= 1_000
    assert len(item.summary) <= 2_000
    assert item.title.endswith("…")


def test_an_entry_without_a_title_takes_its_summarys_first_sentence() -> None:
    feed = read(rss("<description>Acme fell. More below.</description>", "<guid>x</guid>"))
    assert [item.title for item in feed.items] == ["Acme fell."]
    assert feed.dropped == {"no_title": 1}


def test_identity_falls_back_from_guid_to_address_to_title() -> None:
    feed = read(
        rss(
            "<title>A</title><guid isPermaLink='false'>g</guid><link>https://x.example/a</link>",
            "<title>B</title><link>https://x.example/b</link>",
            "<title>C</title>",
        )
    )
    guids = [item.guid for item in feed.items]
    assert guids[:2] == ["g", "https://x.example/b"]
    assert guids[2].startswith("sha256:")
    assert feed.items[2].url == ""


def test_repeats_are_counted_and_shared_guids_do_not_swallow_articles() -> None:
    one = "<title>A</title><guid>https://x.example/</guid><link>https://x.example/a</link>"
    two = "<title>B</title><guid>https://x.example/</guid><link>https://x.example/b</link>"
    feed = read(rss(one, two, one))
    assert [item.title for item in feed.items] == ["A", "B"]
    assert len({item.guid for item in feed.items}) == 2
    assert feed.dropped == {"duplicate": 1}


def test_more_than_two_thousand_entries_are_counted_not_kept() -> None:
    feed = read(rss(*(f"<title>{number}</title>" for number in range(2_100))))
    assert (len(feed.items), feed.dropped) == (2_000, {"over_limit": 100})


def test_an_aggregators_outlet_behind_the_title_is_taken_off() -> None:
    feed = read(rss("<title>Acme falls - Wire</title><source url='x'>Wire</source>"))
    assert (feed.items[0].title, feed.items[0].publisher) == ("Acme falls", "Wire")


def test_bad_dates_are_none_but_their_words_are_kept() -> None:
    feed = read(
        rss(
            "<title>A</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>",
            "<title>B</title><pubDate>Thu, 01 Jan 2099 00:00:00 GMT</pubDate>",
            "<title>C</title>",
        )
    )
    assert [item.published_at for item in feed.items] == [None] * 3
    assert feed.items[0].published_raw == "Thu, 01 Jan 1970 00:00:00 GMT"
