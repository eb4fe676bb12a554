"""What a mail server refuses, and whether it is asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from halvorsen import RAISED
from mail_server import Server, mail_settings, refusal, serving

from alerts.email import EmailSender
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 try later", False), ("554 looks like spam", True), ("530 log in first", False)],
)
def test_a_refused_text_is_permanent_by_its_code(
    message: Message, delivery: Delivery, answer: str, permanent: bool
) -> None:
    with serving(Server(data=answer)) as port:
        error = refusal(mail_settings(port), message, delivery)
    assert (str(error), error.permanent) == (answer, permanent)


@pytest.mark.parametrize(
    ("answers", "permanent"),
    [
        (("550 unknown", "550 unknown"), True),
        (("550 unknown", "450 greylisted"), False),
        (("450 greylisted", "450 greylisted"), False),
    ],
)
def test_when_all_are_refused_one_temporary_answer_keeps_the_delivery_alive(
    message: Message, delivery: Delivery, answers: tuple[str, str], permanent: bool
) -> None:
    rcpt = dict(zip(("a@example.com", "b@example.com"), answers, strict=True))
    with serving(Server(rcpt)) as port:
        error = refusal(mail_settings(port, *rcpt), message, delivery)
    assert error.permanent is permanent
    assert str(error) == f"refused a@example.com: {answers[0]}; b@example.com: {answers[1]}"


def test_who_has_the_mail_is_not_mailed_again_for_the_sake_of_others(
    message: Message, delivery: Delivery
) -> None:
    server = Server({"b@example.com": "450 greylisted"})
    with serving(server) as port:
        sender = EmailSender(mail_settings(port, "a@example.com", "b@example.com"))
        with pytest.raises(DeliveryError, match="1 of 2 recipients have it") as caught:
            sender.send(message, delivery, RAISED)
        server.rcpt.clear()
        sender.send(message, delivery, RAISED)
        sender.send(message, replace(delivery, id="msg_another"), RAISED)
    assert not caught.value.permanent
    assert server.mails == [
        ("a@example.com",),
        ("b@example.com",),
        ("a@example.com", "b@example.com"),
    ]


def test_a_dead_address_among_living_ones_ends_in_a_visible_dead_letter(
    message: Message, delivery: Delivery
) -> None:
    server = Server({"gone@example.com": "550 no such user"})
    with serving(server) as port:
        error = refusal(mail_settings(port, "a@example.com", "gone@example.com"), message, delivery)
    assert error.permanent
    assert str(error) == ("1 of 2 recipients have it; refused gone@example.com: 550 no such user")
    assert server.mails == [("a@example.com",)]


def test_a_server_that_is_gone_is_tried_again(message: Message, delivery: Delivery) -> None:
    with serving(Server()) as port:
        pass
    error = refusal(mail_settings(port), message, delivery)
    assert not error.permanent
    assert str(error).startswith("127.0.0.1: ")


def test_a_server_that_hangs_up_in_the_middle_is_tried_again(
    message: Message, delivery: Delivery
) -> None:
    class HangsUp(Server):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            server.transport.abort()
            return "421 bye"

    with serving(HangsUp()) as port:
        assert not refusal(mail_settings(port), message, delivery).permanent


def test_a_server_that_sulks_at_goodbye_has_still_taken_the_mail(
    message: Message, delivery: Delivery
) -> None:
    class Sulks(Server):
        async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            return "554 no goodbye"

    server = Sulks()
    with serving(server) as port:
        EmailSender(mail_settings(port)).send(message, delivery, RAISED)
    assert len(server.mails) == 1
