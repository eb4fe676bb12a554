"""A call as it is signed and as it arrives."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from halvorsen import RAISED
from hook_receiver import OTHER, SECRET, receiving
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from alerts.catcher import HookCatcher
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery
from alerts.webhook import WebhookSender, WebhookSettings


def test_a_receiver_with_the_secret_can_verify_the_call(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with receiving() as receiver:
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
    with receiving() as receiver:
        settings = WebhookSettings(receiver.url, f" {SECRET}\n{OTHER} ")
        WebhookSender(settings, client).send(message, delivery, datetime.now(UTC))
    headers, body = receiver.requests[0]
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(body, headers) == message.payload


def test_each_attempt_has_the_same_id_and_its_own_time(
    client: httpx2.Client, message: Message, delivery: Delivery
) -> None:
    with receiving() as receiver:
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
    with receiving() as receiver:
        unsigned = WebhookSender(WebhookSettings(receiver.url), client)
        unsigned.send(Message("", "warning", "", "", payload, ""), delivery, RAISED)
    headers, body = receiver.requests[0]
    assert body.decode() == '{"type":"alert.firing","data":{"target":"Société Générale"}}'
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert "webhook-signature" not in headers


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_any_2xx_is_success(
    client: httpx2.Client, message: Message, delivery: Delivery, status: int
) -> None:
    with receiving(status) as receiver:
        WebhookSender(WebhookSettings(receiver.url), client).send(message, delivery, RAISED)
    assert len(receiver.requests) == 1


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
