"""SMTP servers of every temper on loopback, and how the tests of mail write to them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from halvorsen import RAISED

from alerts.catcher import LoopbackSmtp
from alerts.email import EmailSender, EmailSettings
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery

PASSWORD = "hunter2 correct horse"
Certificate = tuple[Path, Path]


class Server:
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
def serving(handler: Server, **smtp: Any) -> Iterator[int]:
    server = LoopbackSmtp(handler, **smtp)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def mail_settings(port: int, *recipients: str, **more: Any) -> EmailSettings:
    who = recipients or ("desk@example.com",)
    known = {"security": "none", "timeout_s": 5.0, "port": port, "recipients": who, **more}
    return EmailSettings(host="127.0.0.1", sender="Downdraft <alerts@example.org>", **known)


def tls_with(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def login_by(mechanism: str, logins: list[str]) -> Any:
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


def refusal(settings: EmailSettings, message: Message, delivery: Delivery) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        EmailSender(settings).send(message, delivery, RAISED)
    return caught.value
