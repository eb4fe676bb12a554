from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from halvorsen import RAISED

from alerts.catcher import LoopbackSmtp, MailCatcher
from alerts.dispatch import outbox
from alerts.email import EmailSender, EmailSettings, compose
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Alert, Delivery

PASSWORD = "hunter2 correct horse"
Certificate = tuple[Path, Path]


class _Server:
    """An SMTP server that answers as told, by recipient and for the mail as a whole."""

    def __init__(self, rcpt: dict[str, str] | None = None, data: str = "250 Kept"):
        self.rcpt, self.data = rcpt or {}, data
        self.mails: list[tuple[str, ...]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.mails.append(tuple(envelope.rcpt_tos))
        return self.data


@contextmanager
def _serving(handler: _Server, **smtp: Any) -> Iterator[int]:
    server = LoopbackSmtp(handler, **smtp)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def _settings(port: int, *recipients: str, **more: Any) -> EmailSettings:
    who = recipients or ("desk@example.com",)
    known = {"security": "none", "timeout_s": 5.0, "port": port, "recipients": who, **more}
    return EmailSettings(host="127.0.0.1", sender="Downdraft <alerts@example.org>", **known)


def _tls(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def _authenticator(mechanism: str, logins: list[str]) -> Any:
    def check(
        server: SMTP, session: Session, envelope: Envelope, used: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        logins.append(used)
        good = (data.login, data.password) == (b"downdraft", PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    return {
        "authenticator": check,
        "auth_required": True,
        "auth_exclude_mechanism": [one for one in ("LOGIN", "PLAIN") if one != mechanism],
    }


def _refusal(settings: EmailSettings, message: Message, delivery: Delivery) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        EmailSender(settings).send(message, delivery, RAISED)
    return caught.value


def _bodies(mail: EmailMessage) -> dict[str, str]:
    return {part.get_content_type(): part.get_content() for part in mail.iter_parts()}


def test_a_mail_arrives_as_text_and_html_with_its_delivery_id(
    message: Message, delivery: Delivery
) -> None:
    with MailCatcher(lambda: RAISED) as box:
        EmailSender(_settings(box.port, "a@example.com", "b@example.com")).send(
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
    settings = _settings(25)
    first, second = (
        compose(message, delivery, RAISED + timedelta(hours=hours), settings) for hours in (0, 5)
    )
    assert first["Message-ID"] == second["Message-ID"] == f"<{delivery.id}@example.org>"


def test_the_resolved_mail_answers_the_firing_one(message: Message, alert: Alert) -> None:
    settings = _settings(25)
    (firing,) = outbox(alert, "firing", ["desk"], RAISED)
    (resolved,) = outbox(alert, "resolved", ["desk"], RAISED)
    first, second = (compose(message, one, RAISED, settings) for one in (firing, resolved))
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]
    assert first["In-Reply-To"] is None


def test_a_subject_cannot_add_headers(message: Message, delivery: Delivery) -> None:
    sly = replace(message, subject="Bad news\r\nBcc: everyone@example.com")
    mail = compose(sly, delivery, RAISED, _settings(25))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Bad news Bcc: everyone@example.com"


def test_headlines_in_any_script_survive_the_journey(message: Message, delivery: Delivery) -> None:
    words = "央行意外降息 – Société Générale: " + "très long " * 200
    with MailCatcher(lambda: RAISED) as box:
        told = replace(message, subject="央行意外降息", text=words)
        EmailSender(_settings(box.port)).send(told, delivery, RAISED)
    assert box.received[0].subject == "央行意外降息"
    assert _bodies(box.received[0].message)["text/plain"].strip() == words.strip()


@pytest.mark.parametrize("mechanism", ["LOGIN", "PLAIN"])
def test_login_happens_over_starttls(
    message: Message, delivery: Delivery, certificate: Certificate, mechanism: str
) -> None:
    logins: list[str] = []
    server = _Server()
    options = {"tls_context": _tls(certificate), **_authenticator(mechanism, logins)}
    with _serving(server, **options) as port:
        settings = _settings(
            port,
            security="starttls",
            username="downdraft",
            password=PASSWORD,
            ca_file=str(certificate[0]),
        )
        EmailSender(settings).send(message, delivery, RAISED)
    assert logins == [mechanism]
    assert server.mails == [("desk@example.com",)]


def test_mail_can_go_over_tls_from_the_first_byte(
    message: Message, delivery: Delivery, certificate: Certificate
) -> None:
    server = _Server()
    with _serving(server, ssl_context=_tls(certificate)) as port:
        settings = _settings(port, security="tls", ca_file=str(certificate[0]))
        EmailSender(settings).send(message, delivery, RAISED)
    assert len(server.mails) == 1


def test_a_certificate_nobody_vouches_for_stops_the_mail(
    message: Message, delivery: Delivery, certificate: Certificate
) -> None:
    logins: list[str] = []
    server = _Server()
    options = {"tls_context": _tls(certificate), **_authenticator("PLAIN", logins)}
    with _serving(server, **options) as port:
        settings = _settings(port, security="starttls", username="downdraft", password=PASSWORD)
        error = _refusal(settings, message, delivery)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert (error.permanent, logins, server.mails) == (False, [], [])


def test_without_starttls_neither_password_nor_mail_is_sent(
    message: Message, delivery: Delivery
) -> None:
    logins: list[str] = []
    server = _Server()
    # A login is offered in the clear; auth_required too would only bring aiosmtpd's warning.
    options = {**_authenticator("PLAIN", logins), "auth_required": False, "auth_require_tls": False}
    with _serving(server, **options) as port:
        settings = _settings(port, security="starttls", username="downdraft", password=PASSWORD)
        error = _refusal(settings, message, delivery)
    assert "STARTTLS" in str(error)
    assert (error.permanent, logins, server.mails) == (False, [], [])


def test_a_refused_password_is_tried_again_and_never_shown(
    message: Message, delivery: Delivery, certificate: Certificate
) -> None:
    options = {"tls_context": _tls(certificate), **_authenticator("PLAIN", [])}
    with _serving(_Server(), **options) as port:
        settings = _settings(
            port,
            security="starttls",
            username="downdraft",
            password="hunter3",
            ca_file=str(certificate[0]),
        )
        error = _refusal(settings, message, delivery)
    assert str(error).startswith("535")
    assert not error.permanent
    assert "hunter3" not in str(error) + repr(settings)


@pytest.mark.parametrize("spelling", [PASSWORD, "aHVudGVyMiBjb3JyZWN0IGhvcnNl"])
def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error(
    message: Message, delivery: Delivery, spelling: str
) -> None:
    with _serving(_Server(data=f"554 no {spelling} here")) as port:
        error = _refusal(_settings(port, password=PASSWORD), message, delivery)
    assert str(error) == "554 no *** here"


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 try later", False), ("554 looks like spam", True), ("530 log in first", False)],
)
def test_a_refused_text_is_permanent_by_its_code(
    message: Message, delivery: Delivery, answer: str, permanent: bool
) -> None:
    with _serving(_Server(data=answer)) as port:
        error = _refusal(_settings(port), message, delivery)
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
    with _serving(_Server(rcpt)) as port:
        error = _refusal(_settings(port, *rcpt), message, delivery)
    assert error.permanent is permanent
    assert str(error) == f"refused a@example.com: {answers[0]}; b@example.com: {answers[1]}"


def test_who_has_the_mail_is_not_mailed_again_for_the_sake_of_others(
    message: Message, delivery: Delivery
) -> None:
    server = _Server({"b@example.com": "450 greylisted"})
    with _serving(server) as port:
        sender = EmailSender(_settings(port, "a@example.com", "b@example.com"))
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
    server = _Server({"gone@example.com": "550 no such user"})
    with _serving(server) as port:
        error = _refusal(_settings(port, "a@example.com", "gone@example.com"), message, delivery)
    assert error.permanent
    assert str(error) == ("1 of 2 recipients have it; refused gone@example.com: 550 no such user")
    assert server.mails == [("a@example.com",)]


def test_a_server_that_is_gone_is_tried_again(message: Message, delivery: Delivery) -> None:
    with _serving(_Server()) as port:
        pass
    error = _refusal(_settings(port), message, delivery)
    assert not error.permanent
    assert str(error).startswith("127.0.0.1: ")


def test_a_server_that_hangs_up_in_the_middle_is_tried_again(
    message: Message, delivery: Delivery
) -> None:
    class HangsUp(_Server):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            server.transport.abort()
            return "421 bye"

    with _serving(HangsUp()) as port:
        assert not _refusal(_settings(port), message, delivery).permanent


def test_a_server_that_sulks_at_goodbye_has_still_taken_the_mail(
    message: Message, delivery: Delivery
) -> None:
    class Sulks(_Server):
        async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            return "554 no goodbye"

    server = Sulks()
    with _serving(server) as port:
        EmailSender(_settings(port)).send(message, delivery, RAISED)
    assert len(server.mails) == 1


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
        EmailSender(replace(_settings(25), **change))
    assert "hunter2" not in str(caught.value)
