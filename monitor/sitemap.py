"""Google News sitemaps, which several large publishers offer in place of a feed."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from monitor.entries import Entries, Entry

# Publishers use several addresses for the namespace, so elements are known by their local names.
_ENTRY = re.compile(rb"<(?:\w+:)?url[\s>]")


def read_sitemap(body: bytes) -> Entries:
    """The sitemap's entries. What lies behind a fault in the XML is counted as unread."""
    entries: list[Entry] = []
    note = ""
    try:
        # chunks, because a fault hides the whole chunk that it is in
        for _, element in ElementTree.iterparse(io.BytesIO(body), events=("end",)):
            if _local(element) == "url":
                entries.append(_entry(element))
                element.clear()
    except ElementTree.ParseError as error:
        note = f"broken XML ({error})"
    return Entries(
        format="sitemap",
        title=next((entry.publisher for entry in entries if entry.publisher), ""),
        entries=entries,
        unread=max(0, len(_ENTRY.findall(body)) - len(entries)),
        note=note,
    )


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _entry(element: ElementTree.Element) -> Entry:
    texts: dict[str, str] = {}
    for child in element.iter():
        texts.setdefault(_local(child), (child.text or "").strip())
    return Entry(
        url=texts.get("loc", ""),
        title=texts.get("title", ""),
        published=texts.get("publication_date", "") or texts.get("lastmod", ""),
        language=texts.get("language", ""),
        publisher=texts.get("name", ""),
    )
