"""Loopback receivers that keep what arrives: a mailbox and a webhook. For demo and tests."""

from __future__ import annotations

import email
import hmac
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.webhook import signers

Clock = Callable[[], datetime]
_LARGEST_BODY = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail as it arrived."""

    delivery_id: str
    subject: str
    at: datetime
    message: EmailMessage
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaughtHook:
    """One webhook call as it arrived."""

    delivery_id: str
    type: str
    at: datetime
    payload: dict[str, Any]


class LoopbackSmtp(Controller):
    """aiosmtpd on a free port of 127.0.0.1; `smtp` options as for aiosmtpd.smtp.SMTP."""

    def __init__(self, handler: object, port: int = 0, **smtp: Any):
        # Bound here because aiosmtpd would dial the port it was given, even where that is 0.
        self._socket = socket.create_server(("127.0.0.1", port))
        bound = self._socket.getsockname()[1]
        # A name is given because looking one's own up can hang where there is no DNS.
        super().__init__(handler, "127.0.0.1", bound, server_hostname="localhost", **smtp)

    def close(self) -> None:
        """Frees the port also where the server was never started."""
        self._socket.close()
        self.loop.close()

    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, sock=self._socket, ssl=self.ssl_context
        )


class MailCatcher:
    """A mailbox on loopback: takes every mail and keeps it."""

    def __init__(self, clock: Clock, port: int = 0, **smtp: Any):
        self._clock = clock
        self._lock = threading.Lock()
        self._received: list[CaughtMail] = []
        self._server = LoopbackSmtp(self, port, **smtp)
        self.port: int = self._server.port

    @property
    def received(self) -> list[CaughtMail]:
        """What arrived so far, first the earliest; the list is the caller's."""
        with self._lock:
            return list(self._received)

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop(no_assert=True)
        self._server.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd for each mail; its name is theirs."""
        message = email.message_from_bytes(envelope.original_content or b"", policy=default)
        mail = CaughtMail(
            delivery_id=str(message.get("X-Downdraft-Delivery", "")),
            subject=str(message.get("Subject", "")),
            at=self._clock(),
            message=message,
            recipients=tuple(envelope.rcpt_tos),
        )
        with self._lock:
            self._received.append(mail)
        return "250 Kept"


class HookCatcher:
    """A webhook on loopback: keeps what is signed with `secret` (204), turns the rest away (401).

    The age of a signature is not judged: under a virtual clock every age is wrong.
    """

    def __init__(self, clock: Clock, secret: str = "", port: int = 0):
        self._clock = clock
        self._signers = signers(secret)
        self._lock = threading.Lock()
        self._received: list[CaughtHook] = []
        self._thread: threading.Thread | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self._take))
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    @property
    def received(self) -> list[CaughtHook]:
        """What arrived so far, first the earliest; the list is the caller's."""
        with self._lock:
            return list(self._received)

    def start(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def _take(self, headers: dict[str, str], body: str) -> int:
        """The status to answer with."""
        if self._signers and not self._is_signed(headers, body):
            return 401
        try:
            payload = json.loads(body)
            kind = str(payload["type"])
        except (ValueError, KeyError, TypeError):
            return 400
        hook = CaughtHook(headers.get("webhook-id", ""), kind, self._clock(), payload)
        with self._lock:
            self._received.append(hook)
        return 204

    def _is_signed(self, headers: dict[str, str], body: str) -> bool:
        stamp = headers.get("webhook-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
            return False
        at = datetime.fromtimestamp(int(stamp), UTC)
        given = headers.get("webhook-signature", "").encode().split()
        wanted = [one.sign(headers.get("webhook-id", ""), at, body) for one in self._signers]
        return any(hmac.compare_digest(one.encode(), two) for one in wanted for two in given)


def _handler(
    take: Callable[[dict[str, str], str], int],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds for a silent client

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdigit() or int(length) > _LARGEST_BODY:
                self.send_error(413)
                return
            body = self.rfile.read(int(length)).decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(take(headers, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the demo owns the terminal."""

    return Handler
