"""What a webhook refuses or cannot be asked, and whether it is tried again."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from halvorsen import RAISED
from hook_receiver import SECRET, receiving, refusal

from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery
from alerts.webhook import WebhookSender, WebhookSettings


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 502, 503])
def test_other_answers_are_tried_again_and_410_never(
    client: httpx2.Client, message: Message, delivery: Delivery, status: int
) -> None:
    with receiving(status) as receiver:
        assert not refusal(client, message, delivery, receiver).permanent
    with receiving(410) as receiver:
        assert refusal(client, message, delivery, receiver).permanent


def test_a_redirect_is_reported_and_not_followed(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with receiving(204) as target, receiving(307, {"location": target.url}) as receiver:
        error = refusal(client, message, delivery, receiver)
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
    with receiving(429, {"retry-after": value}) as receiver:
        assert refusal(client, message, delivery, receiver).retry_after == seconds


def test_a_receiver_that_is_gone_is_tried_again(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with receiving() as receiver:
        pass
    error = refusal(client, message, delivery, receiver)
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
    with receiving(500, body=b"<p>internal words</p>") as receiver:
        error = str(refusal(client, message, delivery, receiver))
    gone = str(refusal(client, message, delivery, receiver))
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
