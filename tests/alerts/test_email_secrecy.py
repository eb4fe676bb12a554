"""Mail and password go only where they are safe, and no error tells the password."""

from __future__ import annotations

import pytest
from halvorsen import RAISED
from mail_server import (
    PASSWORD,
    Certificate,
    Server,
    login_by,
    mail_settings,
    refusal,
    serving,
    tls_with,
)

from alerts.email import EmailSender
from alerts.render import Message
from alerts.types import Delivery


@pytest.mark.parametrize("mechanism", ["LOGIN", "PLAIN"])
def test_login_happens_over_starttls(
    message: Message, delivery: Delivery, certificate: Certificate, mechanism: str
) -> None:
    logins: list[str] = []
    server = Server()
    options = {"tls_context": tls_with(certificate), **login_by(mechanism, logins)}
    with serving(server, **options) as port:
        settings = mail_settings(
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
    server = Server()
    with serving(server, ssl_context=tls_with(certificate)) as port:
        settings = mail_settings(port, security="tls", ca_file=str(certificate[0]))
        EmailSender(settings).send(message, delivery, RAISED)
    assert len(server.mails) == 1


def test_a_certificate_nobody_vouches_for_stops_the_mail(
    message: Message, delivery: Delivery, certificate: Certificate
) -> None:
    logins: list[str] = []
    server = Server()
    options = {"tls_context": tls_with(certificate), **login_by("PLAIN", logins)}
    with serving(server, **options) as port:
        settings = mail_settings(port, security="starttls", username="downdraft", password=PASSWORD)
        error = refusal(settings, message, delivery)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert (error.permanent, logins, server.mails) == (False, [], [])


def test_without_starttls_neither_password_nor_mail_is_sent(
    message: Message, delivery: Delivery
) -> None:
    logins: list[str] = []
    server = Server()
    # A login is offered in the clear; auth_required too would only bring aiosmtpd's warning.
    options = {**login_by("PLAIN", logins), "auth_required": False, "auth_require_tls": False}
    with serving(server, **options) as port:
        settings = mail_settings(port, security="starttls", username="downdraft", password=PASSWORD)
        error = refusal(settings, message, delivery)
    assert "STARTTLS" in str(error)
    assert (error.permanent, logins, server.mails) == (False, [], [])


def test_a_refused_password_is_tried_again_and_never_shown(
    message: Message, delivery: Delivery, certificate: Certificate
) -> None:
    options = {"tls_context": tls_with(certificate), **login_by("PLAIN", [])}
    with serving(Server(), **options) as port:
        settings = mail_settings(
            port,
            security="starttls",
            username="downdraft",
            password="hunter3",
            ca_file=str(certificate[0]),
        )
        error = refusal(settings, message, delivery)
    assert str(error).startswith("535")
    assert not error.permanent
    assert "hunter3" not in str(error) + repr(settings)


@pytest.mark.parametrize("spelling", [PASSWORD, "aHVudGVyMiBjb3JyZWN0IGhvcnNl"])
def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error(
    message: Message, delivery: Delivery, spelling: str
) -> None:
    with serving(Server(data=f"554 no {spelling} here")) as port:
        error = refusal(mail_settings(port, password=PASSWORD), message, delivery)
    assert str(error) == "554 no *** here"
