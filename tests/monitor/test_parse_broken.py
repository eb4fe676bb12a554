"""Documents in odd charsets, cut off, mutated or no feed at all: nothing is lost silently."""

from __future__ import annotations

import gzip

import pytest
from feed_documents import ATOM, JSON, RDF, RSS, SITEMAP, read, rss
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError


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
