"""Documents to items. Nothing is lost silently: an entry is an item, or counted by reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.dates import read_date
from monitor.entries import Entries, Entry
from monitor.errors import ParseError
from monitor.jsonfeed import read_json_feed
from monitor.plain import cut, first_sentence, plain
from monitor.sitemap import read_sitemap
from monitor.sniff import Document, sniff
from monitor.types import Item
from monitor.urls import canonical
from monitor.xmlfeed import read_xml_feed

MAX_ITEMS = 2_000
MAX_TITLE = 1_000
MAX_SUMMARY = 2_000
MAX_GUID = 500


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """One document's harvest. entries = len(items) + sum(dropped.values()).

    `format` is feedparser's word (rss20, rss10, atom10, …), "json" or "sitemap". Reasons in
    `dropped`: no_title, duplicate (same guid, address and title as another), over_limit, unread
    (behind a fault in the XML). `note` says what was wrong with a document that was still read.
    """

    format: str
    title: str
    items: tuple[Item, ...]
    dropped: dict[str, int] = field(default_factory=dict)
    note: str = ""


def parse(document: bytes, content_type: str, base_url: str, now: datetime) -> ParsedFeed:
    """The items of one feed document; raises ParseError, and nothing else, for any bytes.

    `base_url` is where the document came from, `now` judges the plausibility of dates.
    """
    sniffed = sniff(document, content_type)
    try:
        found = _read(sniffed)
    except (ParseError, MemoryError):
        raise
    except Exception as error:
        # feedparser lets out whatever its helpers raise on hostile markup (issues 113, 310, …)
        raise ParseError(f"unreadable ({type(error).__name__}: {str(error)[:120]})") from error
    items, dropped = _items(found, canonical(found.base, base_url) or base_url, now)
    return ParsedFeed(
        format=found.format,
        title=plain(found.title, 200),
        items=tuple(items),
        dropped=dropped,
        note="; ".join(note for note in (sniffed.note, found.note) if note),
    )


def _read(document: Document) -> Entries:
    if document.kind == "json":
        return read_json_feed(document.body)
    if document.kind == "sitemap":
        return read_sitemap(document.body)
    return read_xml_feed(document.body, document.charset)


def _items(found: Entries, base: str, now: datetime) -> tuple[list[Item], dict[str, int]]:
    dropped: Counter[str] = Counter()
    items: dict[tuple[str, str, str], Item] = {}
    for entry in found.entries[:MAX_ITEMS]:
        item = _item(entry, base, now)
        if not item.title:
            dropped["no_title"] += 1
        elif (item.guid, item.url, item.title) in items:
            dropped["duplicate"] += 1
        else:
            items[item.guid, item.url, item.title] = item
    dropped["over_limit"] = max(0, len(found.entries) - MAX_ITEMS)
    dropped["unread"] = found.unread
    return _with_own_guids(list(items.values())), {r: n for r, n in dropped.items() if n}


def _item(entry: Entry, base: str, now: datetime) -> Item:
    summary = plain(entry.summary, MAX_SUMMARY)
    publisher = plain(entry.publisher, 200)
    title = _without_publisher(plain(entry.title, MAX_TITLE), publisher) or first_sentence(summary)
    url = canonical(entry.url, base)
    return Item(
        guid=_guid(entry.guid, url, title),
        url=url,
        title=title,
        summary=summary,
        published_raw=cut(entry.published, 200),
        published_at=read_date(entry.published, now),
        language=plain(entry.language, 20).lower().replace("_", "-"),
        publisher=publisher,
    )


def _without_publisher(title: str, publisher: str) -> str:
    """Aggregators put the outlet behind the publisher's own words: "… - Reuters"."""
    return title.removesuffix(f" - {publisher}").rstrip() if publisher else title


def _guid(guid: str, url: str, title: str) -> str:
    known = plain(guid, 10_000) or url
    if known and len(known) <= MAX_GUID:
        return known
    return "sha256:" + hashlib.sha256((known or title).encode()).hexdigest()


def _with_own_guids(items: list[Item]) -> list[Item]:
    """A guid that several entries of one document share (the site's address) identifies none."""
    uses = Counter(item.guid for item in items)
    return [
        item
        if uses[item.guid] == 1
        else replace(item, guid=_guid(f"{item.guid} {item.url} {item.title}", "", ""))
        for item in items
    ]
