"""Links to answer by, in the mail about an alert."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from halvorsen import ONSET, PUBLIC_URL, RAISED

from alerts.catcher import MailCatcher
from alerts.email import EmailSender, EmailSettings
from alerts.render import BODY_LIMIT, render
from alerts.types import Alert, Announcement, Copy, Delivery, Story

ANSWERS = {
    "real": f"{PUBLIC_URL}/v/WyJtc2dfMSIsMCwx.c2lnbmF0dXJl-_",
    "wrong topic": f"{PUBLIC_URL}/v/WyJtc2dfMSIsMiwx.c2lnbmF0dXJl-_",
}
QUESTION = "Was it worth telling?"


@pytest.mark.parametrize("announcement", ["firing", "resolved"])
def test_both_bodies_ask_and_link_each_answer(alert: Alert, announcement: Announcement) -> None:
    message = render(alert, announcement, [], PUBLIC_URL, ANSWERS)
    assert QUESTION in message.text
    assert QUESTION in message.html
    for words, link in ANSWERS.items():
        assert f"{words:<17}{link}\n" in message.text
        assert f'href="{link}"' in message.html
        assert f">{words}</a>" in message.html


def test_what_goes_to_machines_holds_no_link_to_answer_by(alert: Alert) -> None:
    message = render(alert, "firing", [], PUBLIC_URL, ANSWERS)
    assert "/v/" not in json.dumps(message.payload)
    assert message.payload == render(alert, "firing", [], PUBLIC_URL).payload


def test_without_links_a_message_does_not_ask(alert: Alert) -> None:
    message = render(alert, "firing", [], PUBLIC_URL)
    assert QUESTION not in message.text + message.html
    assert "\n\n\n" not in message.text


def test_the_answers_count_towards_the_size_of_a_mail(alert: Alert) -> None:
    copies = tuple(Copy(f"Outlet {n}", f"https://example.com/{n}", ONSET) for n in range(40))
    story = Story(1, "Loss & fraud " * 15, ONSET, True, 0.9, 1.0, copies)
    large = replace(alert, stories=(story,) * 40)
    many = {f"answer {n}": f"{PUBLIC_URL}/v/{'x' * 150}" for n in range(6)}
    message = render(large, "firing", [], PUBLIC_URL, many)
    assert len(message.html.encode()) < BODY_LIMIT
    assert all(link in message.html for link in many.values())


def test_links_survive_the_journey_unbroken(alert: Alert, delivery: Delivery) -> None:
    message = render(alert, "firing", [], PUBLIC_URL, ANSWERS)
    with MailCatcher(lambda: RAISED) as box:
        settings = EmailSettings(
            "127.0.0.1", "alerts@example.org", ("desk@example.com",), box.port, "none"
        )
        EmailSender(settings).send(message, delivery, RAISED + timedelta(minutes=1))
    for part in box.received[0].message.iter_parts():
        assert all(link in part.get_content() for link in ANSWERS.values())
