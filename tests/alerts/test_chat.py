"""Chats on loopback, written to by Apprise: Mattermost's webhook stands for all."""

from __future__ import annotations

import json
import logging

import pytest
from halvorsen import RAISED
from hook_receiver import Receiver, receiving

from alerts.chat import ChatSender, ChatSettings
from alerts.errors import DeliveryError
from alerts.render import Message
from alerts.types import Delivery

TOKEN = "hunter2hunter2hunter2hunter"


def _sender(chat: Receiver) -> ChatSender:
    return ChatSender(ChatSettings(f"mmost://127.0.0.1:{_port(chat)}/{TOKEN}?cto=5&rto=5"))


def _port(chat: Receiver) -> int:
    return int(chat.server.server_address[1])


def _refusal(chat: Receiver, message: Message, delivery: Delivery) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        _sender(chat).send(message, delivery, RAISED)
    return caught.value


def test_a_chat_gets_the_subject_the_stories_and_the_address_of_the_alert(
    message: Message, delivery: Delivery
) -> None:
    with receiving(200) as chat:
        _sender(chat).send(message, delivery, RAISED)
    ((_, body),) = chat.requests
    text = json.loads(body)["text"]
    assert message.subject in text
    assert "14 of 16 stories since 09:00 UTC are negative" in text
    assert "Halvorsen Marine tanker runs aground off Skarvik" in text
    assert "https://downdraft.example.com/alerts/alert-7f3a" in text


@pytest.mark.parametrize(
    ("status", "reason", "permanent"),
    [
        (500, "Mattermost answered 500", False),
        (404, "Mattermost answered 404: check the url, and that its token still holds", False),
        (410, "Mattermost answered 410: check the url, and that its token still holds", True),
    ],
)
def test_a_refusal_says_which_chat_answered_what_and_only_gone_is_final(
    message: Message, delivery: Delivery, status: int, reason: str, permanent: bool
) -> None:
    with receiving(status) as chat:
        error = _refusal(chat, message, delivery)
    assert (str(error), error.permanent) == (reason, permanent)


def test_a_chat_that_nobody_answers_for_is_tried_again(
    message: Message, delivery: Delivery
) -> None:
    with receiving() as chat:
        pass  # its port is free now
    error = _refusal(chat, message, delivery)
    assert str(error) == "Mattermost: not reached, or it took none of it"
    assert not error.permanent


def test_the_token_shows_neither_in_errors_nor_in_logs_nor_in_repr(
    message: Message, delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving(500, body=b"no such hook: " + TOKEN.encode()) as chat:
        with caplog.at_level(logging.DEBUG):
            error = _refusal(chat, message, delivery)
        settings = ChatSettings(f"mmost://127.0.0.1/{TOKEN}")
    assert TOKEN not in str(error) + caplog.text + repr(settings)
    assert chat.requests, "it was written to"


def test_what_apprise_logs_elsewhere_is_left_as_it_was(
    message: Message, delivery: Delivery
) -> None:
    log = logging.getLogger("apprise")
    before = log.propagate, log.level, list(log.handlers)
    with receiving(500) as chat:
        _refusal(chat, message, delivery)
    assert (log.propagate, log.level, log.handlers) == before


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (f"slak://{TOKEN}", "slak://… is not an address that Apprise can write to"),
        (f"slack://{TOKEN}", "slack://… is not an address that Apprise can write to"),
        (TOKEN, "it begins with no scheme and is not an address"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_being_repeated(
    url: str, named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        ChatSender(ChatSettings(url))
    assert TOKEN not in str(caught.value) + "".join(capfd.readouterr())
