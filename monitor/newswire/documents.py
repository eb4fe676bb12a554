"""Feed documents of an outlet: RSS 2.0, RSS 1.0, Atom 1.0 and JSON Feed 1.1, as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement, tostring

from monitor.newswire.carriage import Publication
from monitor.newswire.outlets import Format, Outlet

CONTENT_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        "rss20": "application/rss+xml; charset=utf-8",
        "rss10": "application/rdf+xml; charset=utf-8",
        "atom10": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json; charset=utf-8",
    }
)
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def render_feed(outlet: Outlet, publications: Sequence[Publication], base_url: str) -> bytes:
    """The outlet's document with these publications in the order given, newest first.

    The same arguments give the same bytes: nothing in a document tells the time of asking.
    """
    return _RENDERERS[outlet.format](outlet, publications, base_url)


def render_article(outlet: Outlet, publication: Publication) -> bytes:
    """The page that a publication links to, which says that it is fictional."""
    title, name = escape(publication.title), escape(outlet.name)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<body style="font:1.1rem/1.5 Georgia,serif;max-width:38rem;margin:4rem auto">'
        f"<p>{name} · {publication.at:%d %B %Y, %H:%M} UTC</p><h1>{title}</h1>"
        f"<p>{escape(publication.summary)}</p>"
        "<p><em>This is fictional news, written for a demonstration. The outlet, the companies "
        "and the people in it do not exist.</em></p></body></html>"
    ).encode()


def _rss20(outlet: Outlet, publications: Sequence[Publication], base_url: str) -> bytes:
    root = Element("rss", {"version": "2.0"})
    channel = SubElement(root, "channel")
    _text(channel, "title", outlet.name)
    _text(channel, "link", f"{base_url}/{outlet.slug}")
    _text(channel, "description", f"News from {outlet.name} (fictional)")
    _text(channel, "language", "en")
    for publication in publications:
        item = SubElement(channel, "item")
        _text(item, "title", publication.title)
        _text(item, "link", base_url + publication.link)
        _text(item, "description", publication.summary)
        SubElement(item, "guid", {"isPermaLink": "false"}).text = publication.guid
        _text(item, "pubDate", publication.date_raw)
    return _xml(root)


def _rss10(outlet: Outlet, publications: Sequence[Publication], base_url: str) -> bytes:
    root = Element(
        "rdf:RDF",
        {
            "xmlns": "http://purl.org/rss/1.0/",
            "xmlns:rdf": _RDF,
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        },
    )
    channel = SubElement(root, "channel", {"rdf:about": f"{base_url}/{outlet.slug}"})
    _text(channel, "title", outlet.name)
    _text(channel, "link", f"{base_url}/{outlet.slug}")
    _text(channel, "description", f"News from {outlet.name} (fictional)")
    sequence = SubElement(SubElement(channel, "items"), "rdf:Seq")
    for publication in publications:
        SubElement(sequence, "rdf:li", {"rdf:resource": base_url + publication.link})
        item = SubElement(root, "item", {"rdf:about": publication.guid})
        _text(item, "title", publication.title)
        _text(item, "link", base_url + publication.link)
        _text(item, "description", publication.summary)
        _text(item, "dc:date", publication.date_raw)
    return _xml(root)


def _atom10(outlet: Outlet, publications: Sequence[Publication], base_url: str) -> bytes:
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _text(root, "title", outlet.name)
    _text(root, "id", f"tag:{outlet.domain},2000:feed")
    _text(root, "updated", publications[0].date_raw if publications else "")
    SubElement(root, "link", {"rel": "alternate", "href": f"{base_url}/{outlet.slug}"})
    for publication in publications:
        entry = SubElement(root, "entry")
        _text(entry, "title", publication.title)
        _text(entry, "id", publication.guid)
        SubElement(entry, "link", {"rel": "alternate", "href": base_url + publication.link})
        _text(entry, "published", publication.date_raw)
        _text(entry, "updated", publication.date_raw)
        _text(entry, "summary", publication.summary)
    return _xml(root)


def _json_feed(outlet: Outlet, publications: Sequence[Publication], base_url: str) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{base_url}/{outlet.slug}",
        "language": "en",
        "items": [
            {
                "id": publication.guid,
                "url": base_url + publication.link,
                "title": publication.title,
                "content_text": publication.summary,
                "date_published": publication.date_raw,
            }
            for publication in publications
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _text(parent: Element, tag: str, text: str) -> None:
    """Add a child with this text; none where there is nothing to say."""
    if text:
        SubElement(parent, tag).text = text


def _xml(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


_RENDERERS: Mapping[Format, Callable[[Outlet, Sequence[Publication], str], bytes]] = (
    MappingProxyType({"rss20": _rss20, "rss10": _rss10, "atom10": _atom10, "json": _json_feed})
)
