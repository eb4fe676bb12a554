from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from halvorsen import ONSET, PUBLIC_URL, RAISED
from hypothesis import given
from hypothesis import strategies as st

from alerts.render import BODY_LIMIT, Message, render
from alerts.types import Alert, Copy, Kind, Story, Stream
from alerts.wording import one_line, safe_link, span


class _Reader(HTMLParser):
    """What a mail client would see: tags, link addresses, attributes, text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def _titled(alert: Alert, title: str, url: str = "https://example.com/") -> Alert:
    story = Story(1, title, ONSET, True, 0.9, 1.0, (Copy("Wire", url, ONSET),))
    return replace(alert, stories=(story,))


def _large(alert: Alert, stories: int, copies: int, url_length: int = 60) -> Alert:
    def story(number: int) -> Story:
        carried = tuple(
            Copy(f"Outlet {n}", "https://example.com/".ljust(url_length, "a"), ONSET + n * _MINUTE)
            for n in range(copies)
        )
        return Story(number, f'"Loss & fraud" {number} ' * 30, ONSET, True, 0.9, 1.0, carried)

    return replace(alert, stories=tuple(story(n) for n in range(stories)))


_MINUTE = timedelta(minutes=1)


def test_the_first_line_says_what_happened_with_its_numbers(message: Message) -> None:
    sentence = (
        "Negative news about Halvorsen Marine: 14 of 16 stories since 09:00 UTC are negative; "
        "4 in 16 would be usual."
    )
    assert message.text.splitlines()[0] == sentence
    assert sentence in _Reader(message.html).words
    assert message.subject == "[critical] Negative news about Halvorsen Marine: 14 of 16 stories"


@pytest.mark.parametrize("body", ["text", "html"])
def test_both_bodies_hold_everything_that_answers_why(message: Message, body: str) -> None:
    words = message.text if body == "text" else _Reader(message.html).words
    for fact in (
        "4 Mar 09:00 UTC, raised 4 Mar 11:00 UTC",
        "ln M 11.2, threshold 9.8",
        "a false alarm this strong is expected at most once in 8 years in this stream",
        "once in 2 years; all that you watch, 220 streams: at most 2 false alarms a week",
        "checkpoint 9f2c41d07a",
        "Legal | Regulation: 12 of 15 stories",
        "3 stories, 7 outlets, 4 reprints",
        "1 origin, 3 reprints",
        "Coastal Daily",
        "4 Mar 09:19",
        "https://downdraft.example.com/alerts/alert-7f3a",
    ):
        assert fact in words


def test_every_outlet_of_every_story_is_linked(alert: Alert, message: Message) -> None:
    links = _Reader(message.html).links
    for copy in (copy for story in alert.stories for copy in story.copies):
        assert copy.url in links
        assert copy.url in message.text
    assert f"{PUBLIC_URL}/alerts/alert-7f3a" in links


def test_stories_keep_the_order_heaviest_first(alert: Alert, message: Message) -> None:
    places = [message.text.index(story.title) for story in alert.stories]
    assert places == sorted(places)


def test_an_outlet_that_sent_a_story_twice_counts_once(alert: Alert) -> None:
    first = alert.stories[0]
    again = replace(first.copies[0], seen_at=ONSET + timedelta(hours=1))
    twice = replace(alert, stories=(replace(first, copies=(*first.copies, again)),))
    assert "1 origin, 3 reprints" in render(twice, "firing", [], PUBLIC_URL).text


def test_the_bar_shows_share_against_baseline(message: Message) -> None:
    assert 'width="88%"' in message.html
    assert 'width="25%"' in message.html
    assert re.search(r"Negative +88 % +#{22}\n", message.text)
    assert re.search(r"Usual +25 % +#{6}\n", message.text)


@pytest.mark.parametrize(("negatives", "baseline"), [(0, 0.0), (16, 1.0)])
def test_shares_of_nothing_and_of_all_still_make_a_bar(
    alert: Alert, negatives: int, baseline: float
) -> None:
    edge = replace(alert, negatives_since_onset=negatives, baseline=baseline)
    html = render(edge, "firing", [], PUBLIC_URL).html
    assert 'width="0%"' not in html
    assert html.count('height="14"') == 2  # one cell a bar: all filled or all empty


def test_a_small_baseline_reads_as_fewer_than_one(alert: Alert) -> None:
    quiet = replace(alert, baseline=0.01)
    text = render(quiet, "firing", [], PUBLIC_URL).text
    assert "fewer than 1 in 16 would be usual" in text


def test_a_rise_that_began_on_another_day_says_the_day(alert: Alert) -> None:
    older = replace(alert, onset=ONSET - timedelta(days=1))
    assert "since 3 Mar 09:00 UTC are" in render(older, "firing", [], PUBLIC_URL).text


def test_a_resolved_alert_says_when_it_began_and_ended(alert: Alert) -> None:
    over = replace(alert, status="resolved", resolved_at=RAISED + timedelta(hours=30))
    message = render(over, "resolved", [], PUBLIC_URL)
    assert message.subject == "[resolved] Negative news about Halvorsen Marine"
    assert message.text.startswith(
        "Over: Negative news about Halvorsen Marine. From 4 Mar 09:00 to"
    )
    assert message.payload["type"] == "alert.resolved"
    assert message.payload["timestamp"] == "2026-03-05T17:00:00Z"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "negative_volume",
            "Volume surge, unusually many negative stories about Halvorsen Marine: 14 of 16",
        ),
        ("coverage_hole", "Unusually few stories about Halvorsen Marine: 16 stories"),
    ],
)
def test_other_kinds_speak_of_themselves_and_draw_no_share(
    alert: Alert, kind: Kind, words: str
) -> None:
    message = render(replace(alert, kind=kind), "firing", [], PUBLIC_URL)
    assert message.text.startswith(words)
    assert "88 %" not in message.text


def test_a_surge_says_what_would_be_usual_and_that_the_share_may_be_as_ever(alert: Alert) -> None:
    surge = replace(alert, kind="negative_volume", expected=3.6, baseline=0.85)
    said = render(surge, "firing", [], PUBLIC_URL).text
    assert "are negative; 4 would be usual. Their share is 88%, against 85% usually." in said


def test_a_coverage_hole_names_its_feeds(alert: Alert) -> None:
    named = ("Tidewater", "Granary", "Coastal", "The \u202eBlock")
    hole = replace(
        alert, kind="coverage_hole", stream=Stream(), expected=41.2, feeds=named, stories=()
    )
    message = render(hole, "firing", [], PUBLIC_URL)
    assert message.subject.endswith(
        "few stories from Tidewater, Granary, Coastal and 1 more feed: 16 stories"
    )
    assert (
        "41 would be usual. Feeds may be down: Tidewater, Granary, Coastal, The Block."
        in message.text
    )
    assert "Feeds       Tidewater, Granary" in message.text
    data: Any = message.payload["data"]
    assert data["feeds"] == ["Tidewater", "Granary", "Coastal", "The Block"]
    assert data["expected"] == 41.2


def test_good_news_speaks_of_itself(alert: Alert) -> None:
    message = render(replace(alert, kind="positive_share"), "firing", [], PUBLIC_URL)
    assert message.text.startswith("Positive news about Halvorsen Marine: 14 of 16 stories")
    assert "are positive; 4 in 16 would be usual" in message.text
    assert "Positive      88 %" in message.text
    data: Any = message.payload["data"]
    assert (data["positives"], data["negatives"]) == (14, None)


def test_an_alert_says_what_part_of_the_budget_it_spends(alert: Alert) -> None:
    message = render(alert, "firing", [], PUBLIC_URL)
    said = (
        "this stream may raise a false alarm once in 2 years; all that you watch, 220 streams: "
        "at most 2 false alarms a week. This alert spends from the budget for negative news, of "
        "which 0.5% is this one's"
    )
    assert said in message.text
    data: Any = message.payload["data"]
    assert data["budget"]["part"] == pytest.approx(1 / 220)
    assert data["budget"]["sentence"] == said


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (Stream("Legal | Regulation", "Halvorsen Marine"), "about Halvorsen Marine in Legal"),
        (Stream(topic="Legal | Regulation"), "Negative news in Legal | Regulation:"),
        (Stream(), "Negative news in all news:"),
    ],
)
def test_the_sentence_names_the_stream(alert: Alert, stream: Stream, words: str) -> None:
    assert words in render(replace(alert, stream=stream), "firing", [], PUBLIC_URL).text


def test_a_hostile_headline_stays_text(alert: Alert) -> None:
    hostile = _titled(alert, '<script>alert(1)</script><img src=x onerror="x"> "\'><b>')
    page = _Reader(render(hostile, "firing", [], PUBLIC_URL).html)
    assert not page.tags & {"script", "img"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert "<script>alert(1)</script>" in page.words


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "ftp://example.com/x",
        "//example.com/x",
        "https://example.com/a b",
        "https://example.com/\r\nX: y",
        "https:///nohost",
        "http://[broken",
        "https://example.com/" + "a" * 1000,
        " https://example.com/",
        "",
    ],
)
def test_only_sound_web_addresses_are_linked(alert: Alert, url: str) -> None:
    message = render(_titled(alert, "Title", url), "firing", [], PUBLIC_URL)
    assert _Reader(message.html).links == [f"{PUBLIC_URL}/alerts/alert-7f3a"]
    assert message.payload["data"]["headlines"][0]["copies"][0]["url"] == ""  # type: ignore[index]


def test_line_breaks_in_names_cannot_leave_their_line(alert: Alert) -> None:
    stream = Stream(target="Halvorsen\r\nBcc: everyone@example.com\u2028x")
    message = render(replace(alert, stream=stream), "firing", [], PUBLIC_URL)
    assert len(message.subject.splitlines()) == 1
    assert "Halvorsen Bcc: everyone@example.com x" in message.subject


def test_a_headline_cannot_reverse_the_text_after_it(alert: Alert) -> None:
    message = render(_titled(alert, "Safe\u202etxet\u2066 end"), "firing", [], PUBLIC_URL)
    assert "Safetxet end" in message.text


@given(st.text(max_size=400))
def test_any_text_becomes_one_printable_encodable_line(text: str) -> None:
    line = one_line(text, 100)
    assert len(line) <= 100
    assert len(line.splitlines()) <= 1
    line.encode()


@given(st.text(max_size=60))
def test_any_address_is_judged_without_an_error(text: str) -> None:
    assert safe_link(text) in ("", text)
    assert safe_link("https://" + text) in ("", "https://" + text)


@pytest.mark.parametrize(
    ("stories", "copies", "url_length"), [(200, 1, 60), (20, 60, 60), (40, 40, 900), (1, 999, 900)]
)
def test_every_body_stays_small_and_says_what_it_left_out(
    alert: Alert, stories: int, copies: int, url_length: int
) -> None:
    large = _large(alert, stories, copies, url_length)
    children = [replace(large, id=f"child-{n}") for n in range(100)]
    message = render(large, "firing", children, PUBLIC_URL)
    data: dict[str, list[dict[str, list[object]]]] = message.payload["data"]  # type: ignore[assignment]
    for body in (message.text, message.html, json.dumps(message.payload, ensure_ascii=False)):
        assert len(body.encode()) < BODY_LIMIT
    shown = data["headlines"]
    assert shown
    assert len(shown) + int(str(data["more_headlines"])) == stories
    assert len(shown[0]["copies"]) + int(str(shown[0]["more_copies"])) == copies
    assert len(data["children"]) + int(str(data["more_children"])) == 100
    if stories > len(shown):
        assert f"nd {stories - len(shown)} more" in message.text
        assert f"nd {stories - len(shown)} more" in message.html


def test_the_payload_has_the_promised_fields(message: Message) -> None:
    again = json.loads(json.dumps(message.payload, allow_nan=False))
    data = again["data"]
    assert (again["type"], again["timestamp"]) == ("alert.firing", "2026-03-04T11:00:00Z")
    wanted = {
        "id": "alert-7f3a",
        "kind": "negative_share",
        "severity": "critical",
        "status": "firing",
        "topic": "",
        "target": "Halvorsen Marine",
        "onset": "2026-03-04T09:00:00Z",
        "raised_at": "2026-03-04T11:00:00Z",
        "resolved_at": None,
        "stories": 16,
        "negatives": 14,
        "share": 0.875,
        "baseline": 0.25,
        "log_evidence": 11.2,
        "threshold": 9.824,
        "checkpoint": "9f2c41d07a",
        "url": "https://downdraft.example.com/alerts/alert-7f3a",
    }
    assert wanted.items() <= data.items()
    assert data["budget"]["alarms_per_week"] == 2
    assert data["headlines"][0]["copies"][3] == {
        "origin": "Coastal Daily",
        "url": "https://coastal.example.com/1",
        "seen_at": "2026-03-04T09:19:00Z",
    }
    assert data["children"][0]["id"] == "alert-child"
    assert data["children"][0]["topic"] == "Legal | Regulation"


@pytest.mark.parametrize(
    ("weeks", "words"),
    [
        (0.05, "1 day"),
        (1, "7 days"),
        (26, "26 weeks"),
        (522, "10 years"),
        (1e30, "over 1,000 years"),
    ],
)
def test_a_span_is_said_in_the_unit_a_reader_would_choose(weeks: float, words: str) -> None:
    assert span(weeks) == words


def test_evidence_beyond_all_measure_still_renders(alert: Alert) -> None:
    huge = replace(alert, evidence=replace(alert.evidence, log_evidence=5_000.0))
    assert "once in over 1,000 years" in render(huge, "firing", [], PUBLIC_URL).text
