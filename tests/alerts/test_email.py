"""A mail as it is written and as it arrives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from halvorsen import RAISED
from mail_server import PASSWORD, mail_settings

from alerts.catcher import MailCatcher
from alerts.dispatch import outbox
from alerts.email import EmailSender, compose
from alerts.render import Message
from alerts.types import Alert, Delivery


def _bodies(mail: EmailMessage) -> dict[str, str]:
    return {part.get_content_type(): part.get_content() for part in mail.iter_parts()}


def test_a_mail_arrives_as_text_and_html_with_its_delivery_id(
    message: Message, delivery: Delivery
) -> None:
    with MailCatcher(lambda: RAISED) as box:
        EmailSender(mail_settings(box.port, "a@example.com", "b@example.com")).send(
            message, delivery, RAISED
        )
    (caught,) = box.received
    assert caught.delivery_id == delivery.id
    assert caught.subject == message.subject
    assert caught.recipients == ("a@example.com", "b@example.com")
    assert caught.message.get_content_type() == "multipart/alternative"
    bodies = _bodies(caught.message)
    assert bodies["text/plain"].replace("\r\n", "\n") == message.text
    assert bodies["text/html"].replace("\r\n", "\n") == message.html
    assert caught.message["Auto-Submitted"] == "auto-generated"
    assert caught.message["Date"] == "Wed, 04 Mar 2026 11:00:00 +0000"


def test_every_attempt_has_the_same_message_id(message: Message, delivery: Delivery) -> None:
    settings = mail_settings(25)
    first, second = (
        compose(message, delivery, RAISED + timedelta(hours=hours), settings) for hours in (0, 5)
    )
    assert first["Message-ID"] == second["Message-ID"] == f"<{delivery.id}@example.org>"


def test_the_resolved_mail_answers_the_firing_one(message: Message, alert: Alert) -> None:
    settings = mail_settings(25)
    (firing,) = outbox(alert, "firing", ["desk"], RAISED)
    (resolved,) = outbox(alert, "resolved", ["desk"], RAISED)
    first, second = (compose(message, one, RAISED, settings) for one in (firing, resolved))
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]
    assert first["In-Reply-To"] is None


def test_a_subject_cannot_add_headers(message: Message, delivery: Delivery) -> None:
    sly = replace(message, subject="Bad news\r\nBcc: everyone@example.com")
    mail = compose(sly, delivery, RAISED, mail_settings(25))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Bad news Bcc: everyone@example.com"


def test_headlines_in_any_script_survive_the_journey(message: Message, delivery: Delivery) -> None:
    words = "央行意外降息 – Société Générale: " + "très long " * 200
    with MailCatcher(lambda: RAISED) as box:
        told = replace(message, subject="央行意外降息", text=words)
        EmailSender(mail_settings(box.port)).send(told, delivery, RAISED)
    assert box.received[0].subject == "央行意外降息"
    assert _bodies(box.received[0].message)["text/plain"].strip() == words.strip()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipients": ()}, "at least one recipient"),
        ({"host": ""}, "needs a host"),
        ({"recipients": ("nobody",)}, "not a mail address: 'nobody'"),
        ({"sender": "a@example.com\r\nBcc: b@example.com"}, "not a mail address"),
        ({"username": "downdraft", "password": PASSWORD}, "in the clear"),
        ({"password": "hunter2 pässwort"}, "ASCII"),
        ({"ca_file": "missing.pem"}, "ca_file missing.pem: not a readable PEM file"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        EmailSender(replace(mail_settings(25), **change))
    assert "hunter2" not in str(caught.value)
