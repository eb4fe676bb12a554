"""Feed lists."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.opml import read_opml, write_opml

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
        ("A Bank", "https://bank.example/rss?a=1&b=2"),
        ("Untitled", "https://news.example/atom"),
    ]


def test_what_is_written_is_read_again() -> None:
    feeds = [('Q&A <"daily">', "https://a.example/?x=1&y=2"), ("新闻", "https://b.example/f")]
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
