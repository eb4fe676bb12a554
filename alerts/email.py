"""Mail through one SMTP server: text and HTML, over TLS, the same Message-ID on each attempt.

Refusals. 4xx is temporary, 5xx to the sender, a recipient or the text permanent. Whatever goes
wrong before that (no connection, no STARTTLS, a certificate not trusted, a password refused) is
about settings that somebody will mend, and is tried again whatever its code.

Several recipients. All accepted by the server: sent. Some refused: those accepted have their mail
and are not mailed again by this sender; for a 4xx the delivery stays pending for the others alone,
and if only 5xx are left it ends dead, so that the address to mend is seen. After a restart the
sender no longer knows who was served and a repeat reaches all, under the same Message-ID. Whoever
wants each address retried by itself gives each a receiver of its own.
"""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal

from alerts.dispatch import delivery_id
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery
from alerts.wording import one_line

Security = Literal["starttls", "tls", "none"]
Refusals = dict[str, tuple[int, bytes]]  # by recipient: the server's code and words
_AUTH_CODES = (530, 534, 535, 538)  # RFC 4954: the account is to be mended, not the mail


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """One mail server and who gets the mail."""

    host: str
    sender: str  # "Downdraft <alerts@example.com>"
    recipients: tuple[str, ...]
    port: int = 587
    security: Security = "starttls"
    username: str = ""  # "": no login
    password: str = field(default="", repr=False)
    timeout_s: float = 20.0  # for each step of the conversation
    ca_file: str = ""  # certificates to trust instead of the system's


class EmailSender:
    """Mails one group of recipients."""

    def __init__(self, settings: EmailSettings):
        """Raises ValueError where the settings cannot work or would bare the password."""
        _check(settings)
        self._settings = settings
        self._trust = _trust(settings.ca_file)
        self._served: dict[str, set[str]] = {}  # by delivery, while only some have their mail

    def send(self, message: Message, delivery: Delivery, now: datetime) -> None:
        """Mails `message` to all who do not have it yet. Raises DeliveryError."""
        served = self._served.setdefault(delivery.id, set())
        waiting = [one for one in self._settings.recipients if one not in served]
        try:
            refused = self._mail(compose(message, delivery, now, self._settings), waiting)
        except DeliveryError as error:
            self._forget(delivery, error)
            raise
        served.update(one for one in waiting if one not in refused)
        verdict = self._verdict(refused, len(served))
        self._forget(delivery, verdict)
        if verdict is not None:
            raise verdict

    def _forget(self, delivery: Delivery, error: DeliveryError | None) -> None:
        """Keeps who was served only while some were and others may still be."""
        if error is None or error.permanent or not self._served[delivery.id]:
            del self._served[delivery.id]

    def _mail(self, mail: EmailMessage, recipients: list[str]) -> Refusals:
        with self._conversation() as server:
            try:
                return server.send_message(mail, parseaddr(self._settings.sender)[1], recipients)
            except smtplib.SMTPRecipientsRefused as error:
                return error.recipients
            except smtplib.SMTPResponseException as error:
                words = self._words(error.smtp_code, error.smtp_error)
                raise DeliveryError(words, _is_permanent(error.smtp_code)) from None
            except (smtplib.SMTPException, OSError) as error:
                raise DeliveryError(f"{self._settings.host} broke off: {error}") from error

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        """A server ready to take mail. Whatever fails before that may be mended: temporary."""
        server = None
        try:
            server = self._connect()
            if self._settings.username:
                server.login(self._settings.username, self._settings.password)
        except smtplib.SMTPResponseException as error:
            _close(server)
            raise DeliveryError(self._words(error.smtp_code, error.smtp_error)) from None
        except (smtplib.SMTPException, OSError) as error:
            _close(server)
            raise DeliveryError(f"{self._settings.host}: {error}") from error
        try:
            yield server
        finally:
            _close(server)

    def _connect(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        timeout = self._settings.timeout_s
        if self._settings.security == "none":
            return smtplib.SMTP(host, port, timeout=timeout)
        if self._settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=self._trust)
        server = smtplib.SMTP(host, port, timeout=timeout)
        try:
            server.starttls(context=self._trust)  # raises where it is not offered
        except BaseException:
            server.close()
            raise
        return server

    def _verdict(self, refused: Refusals, served: int) -> DeliveryError | None:
        if not refused:
            return None
        each = "; ".join(f"{who}: {self._words(*why)}" for who, why in refused.items())
        permanent = all(_is_permanent(code) for code, _ in refused.values())
        has_it = f"{served} of {len(self._settings.recipients)} recipients have it; "
        return DeliveryError(f"{has_it if served else ''}refused {each}", permanent)

    def _words(self, code: int, words: bytes | str) -> str:
        """The server's answer on one line, without the password should the server repeat it."""
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        for secret in _spellings(self._settings):
            text = text.replace(secret, "***")
        return f"{code} {one_line(text, 120)}"


def compose(
    message: Message, delivery: Delivery, now: datetime, settings: EmailSettings
) -> EmailMessage:
    """The mail: every attempt has one Message-ID, and what follows answers the "firing" mail."""
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{delivery.id}@{domain}>"
    if delivery.announcement != "firing":
        first = delivery_id(delivery.alert_id, delivery.receiver, "firing")
        mail["In-Reply-To"] = mail["References"] = f"<{first}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    mail["X-Downdraft-Delivery"] = delivery.id
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


def _check(settings: EmailSettings) -> None:
    for address in (settings.sender, *settings.recipients):
        if "@" not in parseaddr(address)[1] or one_line(address) != address:
            raise ValueError(f"not a mail address: {one_line(address)!r}")
    if not settings.host or not settings.recipients:
        raise ValueError("an email receiver needs a host and at least one recipient")
    if settings.username and settings.security == "none":
        raise ValueError('security = "none" would send the password in the clear: use "starttls"')
    if not (settings.username + settings.password).isascii():
        raise ValueError("SMTP logins are ASCII: choose another username or password")


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise ValueError(f"ca_file {ca_file}: not a readable PEM file ({error})") from error


def _spellings(settings: EmailSettings) -> list[str]:
    """The password as it stands and as AUTH LOGIN and AUTH PLAIN send it."""
    if not settings.password:
        return []
    plain = f"\0{settings.username}\0{settings.password}"
    coded = [base64.b64encode(text.encode()).decode() for text in (settings.password, plain)]
    return [settings.password, *coded]


def _is_permanent(code: int) -> bool:
    return 500 <= code <= 599 and code not in _AUTH_CODES


def _close(server: smtplib.SMTP | None) -> None:
    """Says good-bye; what the server then answers no longer matters to the mail."""
    if server is not None:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()
