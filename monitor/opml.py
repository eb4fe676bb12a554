"""Feed lists in OPML 2.0 (opml.org/spec2), as every reader imports and exports them."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from monitor.errors import ParseError


def read_opml(document: bytes) -> list[tuple[str, str]]:
    """(title, feed URL) of each feed in the list, folders flattened, each URL once.

    ElementTree reads no external entities and expat stops entity bombs. Raises ParseError.
    """
    try:
        root = ElementTree.fromstring(document)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ParseError(f"no OPML list: broken XML ({error})") from None
    if root.tag.lower() != "opml":
        raise ParseError(f"no OPML list: its first element is <{root.tag[:60]}>")
    feeds: dict[str, str] = {}
    for outline in root.iter():
        fields = {name.lower(): value.strip() for name, value in outline.attrib.items()}
        url = fields.get("xmlurl", "")
        if url:
            feeds.setdefault(url, fields.get("title") or fields.get("text") or url)
    return [(title, url) for url, title in feeds.items()]


def write_opml(feeds: Iterable[tuple[str, str]]) -> bytes:
    """An OPML 2.0 document of (title, feed URL) pairs."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = "Downdraft feeds"
    body = ElementTree.SubElement(root, "body")
    for title, url in feeds:
        ElementTree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=url)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
