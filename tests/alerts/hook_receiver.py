"""Webhooks on loopback that answer as told, and the secrets that they share with a sender."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from halvorsen import RAISED

from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery
from alerts.webhook import WebhookSender, WebhookSettings

SECRET = "whsec_" + base64.b64encode(b"a secret of 32 bytes for testing").decode()
OTHER = "whsec_" + base64.b64encode(b"another one, for the rotation...").decode()


class Receiver:
    """A webhook that answers as told and keeps the requests' headers and bodies."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes):
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["content-length"]))
                outer.requests.append(({k.lower(): v for k, v in self.headers.items()}, sent))
                outer.paths.append(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token-hunter2"


@contextmanager
def receiving(
    status: int = 204, headers: dict[str, str] | None = None, body: bytes = b""
) -> Iterator[Receiver]:
    receiver = Receiver(status, headers or {}, body)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


def refusal(
    client: httpx2.Client, message: Message, delivery: Delivery, receiver: Receiver
) -> DeliveryError:
    sender = WebhookSender(WebhookSettings(receiver.url, SECRET), client)
    with pytest.raises(DeliveryError) as caught:
        sender.send(message, delivery, RAISED)
    return caught.value
