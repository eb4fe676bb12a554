"""Feed lists in OPML 2.0 (opml.org/spec2), as every reader imports and exports them.

Outlet and interval, which OPML does not know, stand in attributes of a namespace of ours: the
specification allows that, and other readers pass over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from monitor.errors import ParseError

SHORTEST_S = 10  # between two polls of a feed, as in the configuration
_OURS = "urn:downdraft:opml"
ElementTree.register_namespace("downdraft", _OURS)


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed of a list; "" and None: the list does not say."""

    url: str
    title: str = ""
    origin: str = ""
    interval_s: int | None = None


def read_opml(document: bytes) -> list[Listed]:
    """Each feed in the list, folders flattened, each URL once.

    ElementTree reads no external entities and expat stops entity bombs. Raises ParseError.
    """
    try:
        root = ElementTree.fromstring(document)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ParseError(f"no OPML list: broken XML ({error})") from None
    if root.tag.lower() != "opml":
        raise ParseError(f"no OPML list: its first element is <{root.tag[:60]}>")
    feeds: dict[str, Listed] = {}
    for outline in root.iter():
        fields = {name.lower(): value.strip() for name, value in outline.attrib.items()}
        if url := fields.get("xmlurl", ""):
            feeds.setdefault(url, _listed(url, fields))
    return list(feeds.values())


def _listed(url: str, fields: Mapping[str, str]) -> Listed:
    title = fields.get("title") or fields.get("text") or ""
    interval = fields.get(f"{{{_OURS}}}interval", "")
    return Listed(url, title, fields.get(f"{{{_OURS}}}origin", ""), _seconds(interval, title))


def _seconds(given: str, title: str) -> int | None:
    if not given:
        return None
    if given.isascii() and given.isdigit() and len(given) < 10 and int(given) >= SHORTEST_S:
        return int(given)
    raise ParseError(
        f"{title[:60] or 'a feed'}: downdraft:interval is {given[:20]!r}; "
        f"write whole seconds, at least {SHORTEST_S}"
    )


def write_opml(feeds: Iterable[Listed]) -> bytes:
    """An OPML 2.0 document, read back by `read_opml` as it was."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = "Downdraft feeds"
    body = ElementTree.SubElement(root, "body")
    for feed in feeds:
        ElementTree.SubElement(body, "outline", _attributes(feed))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _attributes(feed: Listed) -> dict[str, str]:
    told = {"type": "rss", "text": feed.title, "title": feed.title, "xmlUrl": feed.url}
    if feed.origin:
        told[f"{{{_OURS}}}origin"] = feed.origin
    if feed.interval_s is not None:
        told[f"{{{_OURS}}}interval"] = str(feed.interval_s)
    return told
