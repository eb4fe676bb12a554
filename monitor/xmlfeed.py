"""RSS and Atom in all their versions, by feedparser."""

from __future__ import annotations

import io
import re
from typing import Any

import feedparser

from monitor.entries import Entries, Entry
from monitor.errors import ParseError

_HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)", re.S)
_ENTRY = re.compile(rb"<(?:rss:|atom:)?(?:item|entry)(?:\s[^>]*)?>")


def read_xml_feed(body: bytes, charset: str) -> Entries:
    """The feed's entries; ParseError where feedparser recognises no feed in it.

    It is not told where the document came from: it would make guids absolute, and a feed that
    moves to another host would then be new from its first entry to its last.
    """
    charset = f"; charset={charset}" if charset else ""
    headers = {"content-type": f"application/xml{charset}"}
    # a stream, because feedparser would open a file or a URL that bytes or text happen to name
    feed = feedparser.parse(
        io.BytesIO(body),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.version and not feed.entries:
        raise ParseError(f"XML that is no feed{_fault(feed)}")
    channel = feed.feed
    entries = [_entry(entry, _get(channel, "language")) for entry in feed.entries]
    return Entries(
        format=feed.version or "rss",
        title=_get(channel, "title"),
        entries=entries,
        unread=max(0, len(_ENTRY.findall(_HIDDEN.sub(b"", body))) - len(entries)),
        note=_fault(feed).strip(" ()"),
        base=_get(channel, "link"),
    )


def _fault(feed: Any) -> str:
    error = feed.get("bozo_exception")
    if not feed.bozo or error is None or "declared as" in str(error):  # charsets are our business
        return ""
    return f" ({' '.join(str(error).split())[:150]})"


def _entry(entry: Any, language: str) -> Entry:
    return Entry(
        guid=_get(entry, "id"),
        url=_get(entry, "link") or _permalink(entry),
        title=_get(entry, "title"),
        summary=_get(entry, "summary") or _content(entry),
        published=_get(entry, "published") or _get(entry, "updated") or _get(entry, "created"),
        language=_get(dict.get(entry, "title_detail") or {}, "language") or language,
        publisher=_get(dict.get(entry, "source") or {}, "title"),
    )


def _get(fields: Any, name: str) -> str:
    """Past feedparser's own look-up, which answers "updated" with the publication date."""
    value = dict.get(fields, name)
    return value if isinstance(value, str) else ""


def _permalink(entry: Any) -> str:
    guid = _get(entry, "id")
    return guid if guid.startswith(("http://", "https://")) else ""


def _content(entry: Any) -> str:
    return next((_get(part, "value") for part in dict.get(entry, "content") or ()), "")
