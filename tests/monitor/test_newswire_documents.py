from __future__ import annotations

import json
from datetime import UTC, datetime

import feedparser
import pytest

from monitor.newswire.documents import render_feed
from monitor.newswire.outlets import Outlet
from monitor.newswire.script import Publication, Script, write_script

SCRIPT = write_script(4, datetime(2031, 3, 3, tzinfo=UTC))
XML_OUTLETS = [outlet for outlet in SCRIPT.outlets if outlet.format != "json"]
JSON_OUTLETS = [outlet for outlet in SCRIPT.outlets if outlet.format == "json"]
FALSELY_DATED = {bad.story for bad in SCRIPT.bad_dates}


def of_outlet(script: Script, outlet: Outlet) -> list[Publication]:
    return [p for p in script.publications if p.outlet == outlet.slug]


def true_time(publication: Publication, outlet: Outlet) -> datetime:
    if outlet.date_style == "rfc822-no-seconds":
        return publication.at.replace(second=0)
    return publication.at


@pytest.mark.parametrize("outlet", XML_OUTLETS, ids=lambda outlet: outlet.slug)
def test_feedparser_reads_back_titles_links_guids_and_dates(outlet: Outlet) -> None:
    publications = of_outlet(SCRIPT, outlet)
    parsed = feedparser.parse(render_feed(outlet, publications, "http://127.0.0.1:9"))
    assert not parsed.bozo
    assert parsed.version == outlet.format
    assert [e.title for e in parsed.entries] == [p.title for p in publications]
    assert [e.link for e in parsed.entries] == ["http://127.0.0.1:9" + p.link for p in publications]
    assert [e.summary for e in parsed.entries] == [p.summary for p in publications]
    for entry, publication in zip(parsed.entries, publications, strict=True):
        if outlet.date_style == "none":
            assert "published_parsed" not in entry
        elif publication.story not in FALSELY_DATED:
            read = entry.get("published_parsed") or entry.get("updated_parsed")
            assert datetime(*read[:6], tzinfo=UTC) == true_time(publication, outlet)


@pytest.mark.parametrize("outlet", JSON_OUTLETS, ids=lambda outlet: outlet.slug)
def test_json_feeds_carry_titles_links_and_dates(outlet: Outlet) -> None:
    publications = of_outlet(SCRIPT, outlet)
    document = json.loads(render_feed(outlet, publications, "http://127.0.0.1:9"))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in document["items"]] == [p.title for p in publications]
    for item, publication in zip(document["items"], publications, strict=True):
        assert item["url"] == "http://127.0.0.1:9" + publication.link
        assert item["id"] == publication.guid
        if publication.story not in FALSELY_DATED:
            assert datetime.fromisoformat(item["date_published"]) == publication.at
