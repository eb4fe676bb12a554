from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import feedparser
import pytest

from monitor.newswire.newsroom import Newsroom, feed_path
from monitor.newswire.outlets import Outlet
from monitor.newswire.publisher import Publisher
from monitor.newswire.script import Publication, Script, write_script

STARTS_AT = datetime(2031, 3, 3, tzinfo=UTC)
SCRIPT = write_script(4, STARTS_AT)
HOUR = timedelta(hours=1)


@dataclass
class Clock:
    """A virtual clock that a test sets."""

    now: datetime = field(default=STARTS_AT + 74 * HOUR)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher(clock: Clock) -> Iterator[Publisher]:
    with Publisher(SCRIPT, clock) as publisher:
        yield publisher


def get(publisher: Publisher, path: str, **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(publisher.base_url).netloc, timeout=5)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=sent)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def outlet_of(format: str, quirk: str = "") -> Outlet:
    return next(
        o
        for o in SCRIPT.outlets
        if (o.format, o.quirk) == (format, quirk) and not o.institution and o.date_style != "none"
    )


def with_quirk(quirk: str) -> Outlet:
    return next(outlet for outlet in SCRIPT.outlets if outlet.quirk == quirk)


def of_outlet(script: Script, outlet: Outlet) -> list[Publication]:
    return [p for p in script.publications if p.outlet == outlet.slug]


def dark_outlet(way: int) -> Outlet:
    slug = sorted(SCRIPT.outage.outlets)[way]
    return next(outlet for outlet in SCRIPT.outlets if outlet.slug == slug)


XML_OUTLETS = [outlet for outlet in SCRIPT.outlets if outlet.format != "json"]
JSON_OUTLETS = [outlet for outlet in SCRIPT.outlets if outlet.format == "json"]


def test_a_feed_shows_the_last_twenty_publications_up_to_the_clock(
    publisher: Publisher, clock: Clock
) -> None:
    outlet = outlet_of("atom10")
    past = [p.title for p in of_outlet(SCRIPT, outlet) if p.at <= clock.now]
    entries = feedparser.parse(get(publisher, feed_path(outlet)).body).entries
    assert len(past) > 20
    assert [entry.title for entry in entries] == past[:-21:-1]


def test_a_feed_before_its_first_publication_is_well_formed_and_empty(
    publisher: Publisher, clock: Clock
) -> None:
    clock.now = STARTS_AT - HOUR
    for outlet in XML_OUTLETS:
        parsed = feedparser.parse(get(publisher, feed_path(outlet)).body)
        assert not parsed.bozo
        assert parsed.entries == []


@pytest.mark.parametrize("format", ["rss20", "rss10", "atom10", "json"])
def test_an_unchanged_feed_answers_304_to_its_etag(publisher: Publisher, format: str) -> None:
    path = feed_path(outlet_of(format) if format != "json" else JSON_OUTLETS[-1])
    first = get(publisher, path)
    second = get(publisher, path, If_None_Match=first.headers["ETag"])
    assert (first.status, second.status, second.body) == (200, 304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]


def test_an_unchanged_feed_answers_304_to_its_date(publisher: Publisher) -> None:
    path = feed_path(outlet_of("rss20"))
    changed = get(publisher, path).headers["Last-Modified"]
    assert get(publisher, path, If_Modified_Since=changed).status == 304
    assert get(publisher, path, If_Modified_Since="yesterday or so").status == 200


def test_a_feed_with_news_answers_200_with_another_etag(publisher: Publisher, clock: Clock) -> None:
    path = feed_path(outlet_of("atom10"))
    first = get(publisher, path)
    clock.now += 8 * HOUR
    since = format_datetime(STARTS_AT + 74 * HOUR, usegmt=True)
    second = get(publisher, path, If_None_Match=first.headers["ETag"], If_Modified_Since=since)
    assert second.status == 200
    assert second.headers["ETag"] != first.headers["ETag"]


def test_one_outlet_sends_no_validators(publisher: Publisher) -> None:
    answer = get(publisher, feed_path(with_quirk("no-validators")), If_None_Match="*")
    assert answer.status == 200
    assert "ETag" not in answer.headers
    assert "Last-Modified" not in answer.headers


def test_one_outlet_compresses_for_clients_that_can_unpack(publisher: Publisher) -> None:
    path = feed_path(with_quirk("gzip"))
    packed = get(publisher, path, Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.body[:2] == b"\x1f\x8b"
    assert "Content-Encoding" not in get(publisher, path).headers


def test_one_outlet_has_moved_for_good(publisher: Publisher) -> None:
    moved = with_quirk("moved")
    url = dict(publisher.feeds)[moved.name]
    answer = get(publisher, urlsplit(url).path)
    assert answer.status == 301
    assert answer.headers["Location"] == feed_path(moved)
    assert get(publisher, answer.headers["Location"]).status == 200


def test_every_outlet_is_listed_once_with_a_feed_that_answers(publisher: Publisher) -> None:
    assert [name for name, _ in publisher.feeds] == [o.name for o in SCRIPT.outlets]
    answers = [get(publisher, urlsplit(url).path).status for _, url in publisher.feeds]
    assert sorted(answers) == [200] * (len(SCRIPT.outlets) - 1) + [301]


def test_dark_outlets_fail_in_three_ways(publisher: Publisher, clock: Clock) -> None:
    clock.now = SCRIPT.outage.starts_at + HOUR
    silent, patient = get(publisher, feed_path(dark_outlet(0))), dark_outlet(1)
    assert (silent.status, silent.headers["Retry-After"]) == (503, None)
    assert int(get(publisher, feed_path(patient)).headers["Retry-After"]) > 0
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        get(publisher, feed_path(dark_outlet(2)))


def test_outlets_outside_the_outage_go_on(publisher: Publisher, clock: Clock) -> None:
    clock.now = SCRIPT.outage.starts_at + HOUR
    lit = [o for o in SCRIPT.outlets if o.slug not in SCRIPT.outage.outlets]
    assert {get(publisher, feed_path(outlet)).status for outlet in lit} == {200}


def test_what_dark_outlets_published_meanwhile_shows_up_afterwards(
    publisher: Publisher, clock: Clock
) -> None:
    outage, newsroom = SCRIPT.outage, Newsroom(SCRIPT)
    missed = [
        p
        for p in SCRIPT.publications
        if p.outlet in outage.outlets and outage.starts_at <= p.at < outage.ends_at
    ]
    clock.now = outage.ends_at
    for publication in missed:
        outlet = newsroom.outlets[publication.outlet]
        body = get(publisher, feed_path(outlet)).body
        assert publication.guid.encode() in body


def test_an_article_page_shows_its_headline_and_says_that_it_is_fictional(
    publisher: Publisher,
) -> None:
    publication = next(p for p in SCRIPT.publications if "&" not in p.title)
    page = get(publisher, publication.link)
    assert page.status == 200
    assert publication.title in page.body.decode()
    assert b"fictional" in page.body


def test_an_article_is_not_there_before_it_is_published(publisher: Publisher) -> None:
    assert get(publisher, SCRIPT.publications[-1].link).status == 404
    assert get(publisher, "/nothing").status == 404


def test_connections_are_kept_alive_between_requests(publisher: Publisher) -> None:
    connection = http.client.HTTPConnection(urlsplit(publisher.base_url).netloc, timeout=5)
    for outlet in SCRIPT.outlets[:4]:
        connection.request("GET", feed_path(outlet))
        response = connection.getresponse()
        response.read()
        assert not response.will_close
    connection.close()


def test_a_stopped_publisher_serves_nobody_on_old_connections(clock: Clock) -> None:
    with Publisher(SCRIPT, clock) as publisher:
        connection = http.client.HTTPConnection(urlsplit(publisher.base_url).netloc, timeout=5)
        connection.request("GET", feed_path(SCRIPT.outlets[0]))
        connection.getresponse().read()
        held = connection.sock
    assert held.recv(1) == b""
    connection.close()


def test_a_publisher_that_never_started_can_be_stopped(clock: Clock) -> None:
    Publisher(SCRIPT, clock).stop()
