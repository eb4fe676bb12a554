from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from halvorsen import RAISED
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from alerts.catcher import HookCatcher
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery
from alerts.webhook import WebhookSender, WebhookSettings

SECRET = "whsec_" + base64.b64encode(b"a secret of 32 bytes for testing").decode()
OTHER = "whsec_" + base64.b64encode(b"another one, for the rotation...").decode()


class _Receiver:
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
def _receiver(
    status: int = 204, headers: dict[str, str] | None = None, body: bytes = b""
) -> Iterator[_Receiver]:
    receiver = _Receiver(status, headers or {}, body)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as client:
        yield client


def _refusal(
    client: httpx2.Client, message: Message, delivery: Delivery, receiver: _Receiver
) -> DeliveryError:
    sender = WebhookSender(WebhookSettings(receiver.url, SECRET), client)
    with pytest.raises(DeliveryError) as caught:
        sender.send(message, delivery, RAISED)
    return caught.value


def test_a_receiver_with_the_secret_can_verify_the_call(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with _receiver() as receiver:
        now = datetime.now(UTC)  # the package judges age by the machine's own clock
        WebhookSender(WebhookSettings(receiver.url, SECRET), client).send(message, delivery, now)
    headers, body = receiver.requests[0]
    assert Webhook(SECRET).verify(body, headers) == message.payload
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"16", b"17"), headers)


def test_while_secrets_rotate_each_of_them_verifies(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with _receiver() as receiver:
        settings = WebhookSettings(receiver.url, f" {SECRET}\n{OTHER} ")
        WebhookSender(settings, client).send(message, delivery, datetime.now(UTC))
    headers, body = receiver.requests[0]
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(body, headers) == message.payload


def test_each_attempt_has_the_same_id_and_its_own_time(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with _receiver() as receiver:
        sender = WebhookSender(WebhookSettings(receiver.url, SECRET), client)
        for minutes in (0, 5):
            sender.send(message, delivery, RAISED + timedelta(minutes=minutes))
    (first, body), (second, body_again) = receiver.requests
    assert first["webhook-id"] == second["webhook-id"] == delivery.id
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 300
    assert body == body_again


def test_the_body_is_compact_utf8_json(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    payload: dict[str, object] = {"type": "alert.firing", "data": {"target": "Société Générale"}}
    with _receiver() as receiver:
        unsigned = WebhookSender(WebhookSettings(receiver.url), client)
        unsigned.send(Message("", "", "", payload), delivery, RAISED)
    headers, body = receiver.requests[0]
    assert body.decode() == '{"type":"alert.firing","data":{"target":"Société Générale"}}'
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert "webhook-signature" not in headers


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_any_2xx_is_success(
    client: httpx2.Client, message: Message, delivery: Delivery, status: int
) -> None:
    with _receiver(status) as receiver:
        WebhookSender(WebhookSettings(receiver.url), client).send(message, delivery, RAISED)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 502, 503])
def test_other_answers_are_tried_again_and_410_never(
    client: httpx2.Client, message: Message, delivery: Delivery, status: int
) -> None:
    with _receiver(status) as receiver:
        assert not _refusal(client, message, delivery, receiver).permanent
    with _receiver(410) as receiver:
        assert _refusal(client, message, delivery, receiver).permanent


def test_a_redirect_is_reported_and_not_followed(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with _receiver(204) as target, _receiver(307, {"location": target.url}) as receiver:
        error = _refusal(client, message, delivery, receiver)
    assert "307: redirects are not followed" in str(error)
    assert target.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Wed, 04 Mar 2026 11:10:00 GMT", 600.0),
        ("Wed, 04 Mar 2026 10:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("Mon, 01 Jan 2001 00:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(
    client: httpx2.Client, message: Message, delivery: Delivery, value: str, seconds: float | None
) -> None:
    with _receiver(429, {"retry-after": value}) as receiver:
        assert _refusal(client, message, delivery, receiver).retry_after == seconds


def test_a_receiver_that_is_gone_is_tried_again(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with _receiver() as receiver:
        pass
    error = _refusal(client, message, delivery, receiver)
    assert not error.permanent
    assert str(error).startswith("127.0.0.1:")
    assert "not reached: ConnectError ([Errno" in str(error)


def test_a_receiver_that_never_answers_is_given_up_after_the_timeout(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:
        url = f"http://127.0.0.1:{silent.server_address[1]}/"  # listens, never accepts
        sender = WebhookSender(WebhookSettings(url, timeout_s=0.1), client)
        started = time.monotonic()
        with pytest.raises(DeliveryError, match="ReadTimeout") as caught:
            sender.send(message, delivery, RAISED)
    assert time.monotonic() - started < 2
    assert not caught.value.permanent


def test_errors_hold_neither_secret_nor_path_nor_the_receivers_words(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with _receiver(500, body=b"<p>internal words</p>") as receiver:
        error = str(_refusal(client, message, delivery, receiver))
    gone = str(_refusal(client, message, delivery, receiver))
    for text in (error, gone, repr(WebhookSettings(receiver.url, SECRET))):
        assert SECRET[6:] not in text
        assert "hunter2" not in text
        assert "internal" not in text


@pytest.mark.parametrize(
    "secret", ["whsec_hunter2", "whsec_aHVudGVyMg==", "höhunter2", SECRET[:26]]
)
def test_a_secret_that_cannot_sign_is_named_as_wrong_without_being_shown(
    client: httpx2.Client, secret: str
) -> None:
    with pytest.raises(ValueError, match="whsec_") as caught:
        WebhookSender(WebhookSettings("https://example.com", secret), client)
    assert secret[6:] not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "example.com/x", "ftp://example.com", "http://", "http://example.com:x"]
)
def test_an_address_that_is_none_is_refused_at_the_start(client: httpx2.Client, url: str) -> None:
    with pytest.raises(ValueError, match="http:// or https://"):
        WebhookSender(WebhookSettings(url), client)


def test_the_catcher_keeps_what_is_signed_and_turns_the_rest_away(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with HookCatcher(lambda: RAISED, f"{OTHER} {SECRET}") as catcher:
        WebhookSender(WebhookSettings(catcher.url, SECRET), client).send(message, delivery, RAISED)
        with pytest.raises(DeliveryError, match="401: check the secret"):
            WebhookSender(WebhookSettings(catcher.url), client).send(message, delivery, RAISED)
        assert client.post(catcher.url, content=b"x" * 10).status_code == 401
    (hook,) = catcher.received
    assert (hook.delivery_id, hook.type, hook.at) == (delivery.id, "alert.firing", RAISED)
    assert json.dumps(hook.payload) == json.dumps(message.payload)


def test_a_catcher_without_a_secret_still_wants_an_announcement(client: httpx2.Client) -> None:
    with HookCatcher(lambda: RAISED) as catcher:
        answers = [
            client.post(catcher.url, content=body).status_code for body in (b"x", b"[]", b"{}")
        ]
    assert answers == [400, 400, 400]
    assert catcher.received == []
