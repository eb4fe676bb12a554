"""Feed lists."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.opml import Listed, read_opml, write_opml

LIST = b"""<?xml version="1.0"?><opml version="1.0"><head/><body>
<outline text="Central banks">
  <outline text="Bank" title="A Bank" type="rss" xmlUrl="https://bank.example/rss?a=1&amp;b=2"/>
  <outline text="Again" xmlUrl="https://bank.example/rss?a=1&amp;b=2"/>
</outline>
<outline text="Untitled" xmlurl="https://news.example/atom"/>
<outline text="A web page" htmlUrl="https://news.example/"/>
</body></opml>"""


def test_folders_are_flattened_and_each_feed_is_listed_once() -> None:
    assert read_opml(LIST) == [
        Listed("https://bank.example/rss?a=1&b=2", "A Bank"),
        Listed("https://news.example/atom", "Untitled"),
    ]


def test_what_is_written_is_read_again() -> None:
    feeds = [
        Listed("https://a.example/?x=1&y=2", 'Q&A <"daily">', "a.example", 900),
        Listed("https://b.example/f", "新闻"),
    ]
    assert read_opml(write_opml(feeds)) == feeds


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<opml><body>",
        b"<html><body/></html>",
        b'<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>'
        b'<outline text="&a;" xmlUrl="https://x.example/"/></body></opml>',
        b'<!DOCTYPE o [<!ENTITY a "' + b"A" * 9000 + b'"><!ENTITY b "' + b"&a;" * 9000 + b'">'
        b'<!ENTITY c "' + b"&b;" * 900 + b'">]><opml><body><outline text="&c;"/></body></opml>',
    ],
)
def test_what_is_no_list_is_refused_in_one_line(document: bytes) -> None:
    with pytest.raises(ParseError, match=r"^no OPML list: [^\n]+$"):
        read_opml(document)


def test_outlet_and_interval_stand_in_a_namespace_that_other_readers_pass_over() -> None:
    written = write_opml([Listed("https://a.example/f", "A", "a.example", 60)]).decode()
    assert 'xmlns:downdraft="urn:downdraft:opml"' in written
    assert 'downdraft:origin="a.example" downdraft:interval="60"' in written
    (foreign,) = read_opml(written.replace("urn:downdraft:opml", "urn:another:reader").encode())
    assert foreign == Listed("https://a.example/f", "A")


@pytest.mark.parametrize("interval", ["often", "9", "-60", "1e3", "9" * 30, "٦٠"])
def test_an_interval_that_cannot_be_kept_is_refused_with_the_feed_it_stands_at(
    interval: str,
) -> None:
    written = write_opml([Listed("https://a.example/f", "A", "", 60)]).decode()
    with pytest.raises(ParseError, match=r"^A: downdraft:interval is .*at least 10$"):
        read_opml(written.replace('"60"', f'"{interval}"').encode())
