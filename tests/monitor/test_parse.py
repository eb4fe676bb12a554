"""Documents to items: every format, every kind of brokenness, nothing lost silently."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parse import ParsedFeed, parse

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
BASE = "https://herald.example/rss.xml"


def rss(*items: str, head: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f"<rss version='2.0'><channel><title>Herald</title>{head}{inside}</channel></rss>".encode()
    )


def read(document: bytes, content_type: str = "") -> ParsedFeed:
    return parse(document, content_type, BASE, NOW)


RSS = rss(
    "<title>Acme falls 5%</title><link>/a?utm_source=rss</link><guid>g1</guid>"
    "<description>&lt;p&gt;Shares of &lt;b&gt;Acme&lt;/b&gt; fell.&lt;/p&gt;</description>"
    "<pubDate>Tue, 04 Mar 2031 06:00:00 -0500</pubDate><source url='x'>Wire</source>",
    head="<language>en-US</language>",
)
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://herald.example/"><title>Herald</title></channel>
<item rdf:about="https://herald.example/a"><title>Acme falls 5%</title>
<link>https://herald.example/a</link><dc:date>2031-03-04T11:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Herald</title>
<entry><id>tag:1</id><title type="html">Acme falls &amp;lt;5%</title>
<updated>2031-03-04T11:00:00Z</updated>
<link rel="alternate" href="/a"/><content type="html">Text</content></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Herald",
        "language": "en",
        "items": [
            {
                "id": 17,
                "url": "/a",
                "title": "Acme falls 5%",
                "date_published": "2031-03-04T11:00Z",
            },
            {"id": "18", "content_html": "<p>No title here. But text.</p>"},
            "not an object",
        ],
    }
).encode()
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://herald.example/a</loc>
<n:news><n:publication><n:name>Herald</n:name><n:language>en</n:language></n:publication>
<n:publication_date>2031-03-04T11:00:00Z</n:publication_date>
<n:title>Acme falls 5%</n:title></n:news>
</url><url><loc>https://herald.example/section</loc></url></urlset>"""


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


@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        ("<?xml version='1.0' encoding='windows-1251'?>" + RSS.decode(), ""),
        (RSS.decode(), "text/xml; charset=windows-1251"),
    ],
)
def test_charsets_are_believed_from_declaration_and_header(
    document: str, content_type: str
) -> None:
    body = document.replace("Acme falls", "Рубль падает").encode("windows-1251")
    assert read(body, content_type).items[0].title == "Рубль падает 5%"


def test_what_is_utf8_is_utf8_whatever_is_declared() -> None:
    text = "<?xml version='1.0' encoding='iso-8859-1'?>" + RSS.decode().replace("Acme", "Été")
    assert read(text.encode(), "text/xml; charset=iso-8859-1").items[0].title == "Été falls 5%"
    assert read(text.encode("utf-16")).items[0].title == "Été falls 5%"


def test_one_broken_byte_does_not_spoil_the_other_letters() -> None:
    text = RSS.decode().replace("Acme", "Été à Mónaco, où ñ").encode() + b"<!-- \xff -->"
    assert read(text).items[0].title == "Été à Mónaco, où ñ falls 5%"


def test_a_document_cut_off_is_read_as_far_as_it_goes() -> None:
    whole = rss("<title>A</title>", "<title>B</title>", "<title>C</title>")
    feed = read(whole[: whole.index(b"<title>C") + 3])
    assert [item.title for item in feed.items] == ["A", "B"]
    assert sum(feed.dropped.values()) == 1
    assert feed.note
    broken = read(SITEMAP.replace(b"</n:title>", b"</n:oops>"))
    assert broken.dropped == {"unread": 2}
    assert "broken XML" in broken.note


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_document_saved_as_a_string_literal_is_undone(quote: str) -> None:
    text = RSS.decode().replace("Acme falls", "Caf\\xc3\\xa9 falls").replace("><", ">\\n<")
    feed = read(f"b{quote}{text}\\n{quote}\n".encode())
    assert feed.items[0].title == "Café falls 5%"
    assert "string literal" in feed.note


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "an empty document"),
        (b"  \n ", "a document of blanks only"),
        (b"\x1f\x8bbroken", "broken gzip data"),
        (gzip.compress(RSS, mtime=0)[:40], "broken gzip data"),
        (gzip.compress(bytes(70_000_000), 1, mtime=0), "more than 64000000 bytes"),
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"\x00\x01\x02\x03" * 100, "binary data"),
        (b"<!DOCTYPE html><html><title>Log in</title></html>", "an HTML page ('Log in')"),
        (
            b"<html><link rel=alternate type='application/rss+xml' href='/rss'></html>",
            "its feed is at /rss",
        ),
        (b"<note><to>you</to></note>", "its first element is <note>"),
        (b"<opml version='2.0'></opml>", "an OPML list"),
        (b"<sitemapindex></sitemapindex>", "a sitemap index"),
        (b"Rate limit exceeded", "text that is no feed, beginning 'Rate limit"),
        (b'{"error": "no"}', "JSON that is no feed: an object with the keys error"),
        (b"[1, 2]", "JSON that is no feed: a list"),
        (b'{"items": [', "broken JSON"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_what_is_no_feed_is_said_in_one_line(document: bytes, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(document)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read(rss()).items == ()


def test_bytes_that_name_a_file_do_not_open_it() -> None:
    with pytest.raises(ParseError, match="text that is no feed"):
        read(__file__.encode())


SEEDS = st.sampled_from([RSS, RDF, ATOM, JSON, SITEMAP, gzip.compress(RSS, mtime=0)])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    document = bytearray(draw(SEEDS))
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, max(0, len(document) - 1)))
        width = draw(st.integers(0, 6))
        document[at : at + width] = draw(st.binary(max_size=6) | st.sampled_from(PIECES))
    return bytes(
        document[: draw(st.integers(0, len(document)))] if draw(st.booleans()) else document
    )


PIECES = [b"<", b"]]>", b"<![CDATA[", b"&#x0;", b"&#55296;", b"\xff\xfe", b"<item>", b"<!DOCTYPE ["]


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_mutated_documents_give_items_or_a_parse_error(document: bytes) -> None:
    try:
        feed = read(document)
    except ParseError:
        return
    for item in feed.items:
        assert item.title
        assert item.guid
        assert item.title.encode()
        assert "\n" not in item.title
    assert len({item.guid for item in feed.items}) == len(feed.items)
    assert all(count > 0 for count in feed.dropped.values())


def test_entries_hidden_behind_broken_markup_are_counted() -> None:
    document = rss(*(f"<title>T{number}</title>" for number in range(4)))
    feed = read(document.replace(b"T2</title></item>", b"T2</titl<//item>"))
    assert len(feed.items) == 3
    assert feed.dropped == {"unread": 1}
