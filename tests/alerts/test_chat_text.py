"""What a chat shows of an alert."""

from __future__ import annotations

from dataclasses import replace

from halvorsen import PUBLIC_URL

from alerts.chat_text import LIMIT
from alerts.render import Message, render
from alerts.types import Alert, Copy


def _chat(alert: Alert, *children: Alert) -> str:
    return render(alert, "firing", children, PUBLIC_URL).chat


def _titled(alert: Alert, title: str, **copy: str) -> Alert:
    """The alert with one story, carried by one outlet."""
    story = alert.stories[0]
    carried = replace(story.copies[0], **copy)  # type: ignore[arg-type]
    return replace(alert, stories=(replace(story, title=title, copies=(carried,)),))


def test_a_chat_is_told_the_sentence_where_else_the_stories_and_the_address(
    message: Message,
) -> None:
    lines = message.chat.splitlines()
    assert lines[0].startswith("Negative news about Halvorsen Marine: 14 of 16 stories")
    assert lines[1] == "Also Legal | Regulation: 12 of 15 stories"
    assert lines[2] == (
        "• Halvorsen Marine tanker runs aground off Skarvik; crew evacuated "
        "(Harbor Wire and 3 more outlets) https://harbor.example.com/1"
    )
    assert lines[-1] == f"{PUBLIC_URL}/alerts/alert-7f3a"
    assert len(lines) == 6


def test_a_label_of_the_fallback_is_said_to_be_one(alert: Alert) -> None:
    assert "the fallback policy" in _chat(replace(alert, fallback_stories=3))


def test_it_fits_where_there_is_room_for_least_and_keeps_the_address(alert: Alert) -> None:
    story, link = alert.stories[0], "https://harbor.example.com/" + "x" * 170
    long = replace(story, title="Tanker " * 60, copies=(Copy("Harbor", link, story.first_seen_at),))
    stories = tuple(replace(long, id=number) for number in range(30))
    children = [replace(alert, id=f"c{n}", parent=alert.id) for n in range(40)]
    text = _chat(replace(alert, stories=stories), *children)
    assert LIMIT - 400 < len(text) <= LIMIT
    assert text.splitlines()[-1] == f"{PUBLIC_URL}/alerts/alert-7f3a"


def test_a_headline_can_call_nobody(alert: Alert) -> None:
    text = _chat(_titled(alert, "@everyone: sell", origin="@here", url="https://a.example/@all"))
    assert not any(name in text for name in ("@everyone", "@here", "@all"))
    assert "https://a.example/%40all" in text


def test_a_headline_cannot_hide_where_its_link_leads(alert: Alert) -> None:
    assert "](" not in _chat(_titled(alert, "[Results](https://evil.example)"))


def test_a_link_that_is_no_address_or_too_long_for_a_chat_is_left_out(alert: Alert) -> None:
    for url in ("javascript:alert(1)", "https://a.example/" + "x" * 300):
        assert _chat(_titled(alert, "Tanker aground", url=url)).splitlines()[1:] == [
            "• Tanker aground (Harbor Wire)",
            f"{PUBLIC_URL}/alerts/alert-7f3a",
        ]
