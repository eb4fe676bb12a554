"""One article in every format of feeds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from monitor.parse import ParsedFeed, parse

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
BASE = "https://herald.example/rss.xml"


def rss(*items: str, head: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f"<rss version='2.0'><channel><title>Herald</title>{head}{inside}</channel></rss>".encode()
    )


def read(document: bytes, content_type: str = "") -> ParsedFeed:
    return parse(document, content_type, BASE, NOW)


RSS = rss(
    "<title>Acme falls 5%</title><link>/a?utm_source=rss</link><guid>g1</guid>"
    "<description>&lt;p&gt;Shares of &lt;b&gt;Acme&lt;/b&gt; fell.&lt;/p&gt;</description>"
    "<pubDate>Tue, 04 Mar 2031 06:00:00 -0500</pubDate><source url='x'>Wire</source>",
    head="<language>en-US</language>",
)
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://herald.example/"><title>Herald</title></channel>
<item rdf:about="https://herald.example/a"><title>Acme falls 5%</title>
<link>https://herald.example/a</link><dc:date>2031-03-04T11:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Herald</title>
<entry><id>tag:1</id><title type="html">Acme falls &amp;lt;5%</title>
<updated>2031-03-04T11:00:00Z</updated>
<link rel="alternate" href="/a"/><content type="html">Text</content></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Herald",
        "language": "en",
        "items": [
            {
                "id": 17,
                "url": "/a",
                "title": "Acme falls 5%",
                "date_published": "2031-03-04T11:00Z",
            },
            {"id": "18", "content_html": "<p>No title here. But text.</p>"},
            "not an object",
        ],
    }
).encode()
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://herald.example/a</loc>
<n:news><n:publication><n:name>Herald</n:name><n:language>en</n:language></n:publication>
<n:publication_date>2031-03-04T11:00:00Z</n:publication_date>
<n:title>Acme falls 5%</n:title></n:news>
</url><url><loc>https://herald.example/section</loc></url></urlset>"""
