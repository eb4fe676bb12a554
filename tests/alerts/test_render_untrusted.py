"""Texts and addresses as strangers may write them: text stays text, and bodies stay small."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from halvorsen import ONSET, PUBLIC_URL
from hypothesis import given
from hypothesis import strategies as st
from mail_reader import Reader

from alerts.render import BODY_LIMIT, render
from alerts.types import Alert, Copy, Story, Stream
from alerts.wording import one_line, safe_link


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


def test_a_hostile_headline_stays_text(alert: Alert) -> None:
    hostile = _titled(alert, '<script>alert(1)</script><img src=x onerror="x"> "\'><b>')
    page = Reader(render(hostile, "firing", [], PUBLIC_URL).html)
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
    assert Reader(message.html).links == [f"{PUBLIC_URL}/alerts/alert-7f3a"]
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
