"""What a message says of an alert, in text, HTML and JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from halvorsen import ONSET, PUBLIC_URL, RAISED
from mail_reader import Reader

from alerts.render import Message, render
from alerts.types import Alert, Stream
from alerts.wording import span


def test_the_first_line_says_what_happened_with_its_numbers(message: Message) -> None:
    sentence = (
        "Negative news about Halvorsen Marine: 14 of 16 stories since 09:00 UTC are negative; "
        "4 in 16 would be usual."
    )
    assert message.text.splitlines()[0] == sentence
    assert sentence in Reader(message.html).words
    assert message.subject == "[critical] Negative news about Halvorsen Marine: 14 of 16 stories"


@pytest.mark.parametrize("body", ["text", "html"])
def test_both_bodies_hold_everything_that_answers_why(message: Message, body: str) -> None:
    words = message.text if body == "text" else Reader(message.html).words
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
    links = Reader(message.html).links
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
    ("stream", "words"),
    [
        (Stream("Legal | Regulation", "Halvorsen Marine"), "about Halvorsen Marine in Legal"),
        (Stream(topic="Legal | Regulation"), "Negative news in Legal | Regulation:"),
        (Stream(), "Negative news in all news:"),
    ],
)
def test_the_sentence_names_the_stream(alert: Alert, stream: Stream, words: str) -> None:
    assert words in render(replace(alert, stream=stream), "firing", [], PUBLIC_URL).text


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
