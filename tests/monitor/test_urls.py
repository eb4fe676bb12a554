"""Canonical addresses and outlet keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.urls import canonical, feed_name, fetchable, origin, without_secrets


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Example.COM:80/a?id=3#top", "http://news.example.com/a?id=3"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://example.com/a?utm_source=rss&b=2&fbclid=x&a=1", "https://example.com/a?b=2&a=1"),
        ("https://example.com/a?source=rss&at_medium=RSS", "https://example.com/a"),
        ("https://example.com/a?source=17", "https://example.com/a?source=17"),
        ("https://example.com/a b/ü?q=ä", "https://example.com/a%20b/%C3%BC?q=%C3%A4"),
        ("https://müller.example/x", "https://xn--mller-kva.example/x"),
        (" https://example.com/a\n", "https://example.com/a"),
    ],
)
def test_an_address_is_freed_of_what_does_not_identify_the_article(url: str, expected: str) -> None:
    assert canonical(url) == expected
    assert canonical(expected) == expected


def test_relative_links_are_resolved_against_the_document() -> None:
    assert canonical("/a/b", "https://example.com/feed.xml") == "https://example.com/a/b"
    assert canonical("//cdn.example.com/a", "https://example.com/") == "https://cdn.example.com/a"


@pytest.mark.parametrize(
    "url", ["", "/a", "mailto:desk@example.com", "javascript:x()", "http://[::1", "http://a:99999/"]
)
def test_what_is_no_web_address_is_empty(url: str) -> None:
    assert canonical(url) == ""
    assert origin(url) == ""


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.example.com/a", "example.com"),
        ("https://feeds.a.example.com/rss", "example.com"),
        ("https://news.example.co.uk/a", "example.co.uk"),
        ("https://www.ecb.europa.eu/rss/press.html", "ecb.europa.eu"),
        ("https://www.esma.europa.eu/rss.xml", "esma.europa.eu"),
        ("https://www.gov.uk/search.atom", "gov.uk"),
        ("https://feeds.bbci.co.uk/news/rss.xml", "bbc.co.uk"),
        ("https://www.bbc.com/news/1", "bbc.co.uk"),
        ("https://feeds.feedburner.com/SomeBlog", "feedburner.com/someblog"),
        ("http://127.0.0.1:8080/herald/rss.xml", "127.0.0.1:8080/herald"),
        ("http://127.0.0.1:8080/rss.xml", "127.0.0.1:8080"),
    ],
)
def test_the_outlet_behind_an_address(url: str, outlet: str) -> None:
    assert origin(url) == outlet


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_text_makes_an_address_fail_and_canonical_is_stable(url: str, base: str) -> None:
    once = canonical(url, base)
    assert canonical(once) == once
    origin(url)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://x.example/rss?key=1", "https://x.example/rss?key=1"),
        (" HTTP://x.example/rss ", "HTTP://x.example/rss"),
        ("feed://x.example/rss", "http://x.example/rss"),
        ("feed:https://x.example/rss", "https://x.example/rss"),
        ("feed:" * 5000 + "//x.example", ""),
        ("file:///etc/passwd", ""),
        ("http://[::1", ""),
        ("feed:", ""),
    ],
)
def test_a_reader_s_link_is_fetched_by_http(given: str, expected: str) -> None:
    assert fetchable(given) == expected


def test_a_feed_that_nobody_named_is_called_by_its_address_without_its_secrets() -> None:
    one, other = (f"https://u:pw@x.example/rss?token={word}" for word in ("s3cret", "hush"))
    assert without_secrets(one) == "https://x.example/rss"
    assert feed_name(one).startswith("https://x.example/rss (")
    assert feed_name(one) != feed_name(other)
    assert feed_name("https://x.example/rss") == "https://x.example/rss"
    assert without_secrets("http://[::1") == "(no usable address)"
