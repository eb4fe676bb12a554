"""A crisis reaches a chat, and a chat that was down hears of it when it is back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from crisis_news import CRISIS, break_out

from alerts.chat import ChatSender, ChatSettings
from monitor.config_receivers import ChatReceiver
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.store import alerts

QUARTER = timedelta(minutes=15)
Turn = Callable[[Context, VirtualClock, timedelta], None]


class Room:
    """What Mattermost's incoming webhook is to a sender; `status` is what it answers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.status = 200
        room = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if room.status == 200:
                    room.said.append(json.loads(body)["text"])
                self.send_response(room.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"mmost://127.0.0.1:{self.server.server_address[1]}/roomroomroomroomroomroom"


@pytest.fixture
def room() -> Iterator[Room]:
    opened = Room()
    threading.Thread(target=opened.server.serve_forever, args=(0.02,), daemon=True).start()
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def _with_room(context: Context, room: Room) -> Context:
    """The world with a chat as its only receiver."""
    receiver = ChatReceiver.model_validate({"kind": "chat", "name": "room", "url": room.url})
    settings = context.settings.model_copy(update={"receivers": (receiver,)})
    return replace(context, settings=settings, senders={"room": ChatSender(ChatSettings(room.url))})


def test_a_crisis_is_told_in_the_room_once(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn, seasoned: Any, room: Room
) -> None:
    with world() as opened:
        context = _with_room(opened, room)
        seasoned(context)
        break_out(papers)
        for _ in range(3):
            turn(context, clock, QUARTER)
    (said,) = room.said
    assert "Negative news" in said
    assert any(title in said for title in CRISIS)


def test_a_room_that_was_down_hears_of_it_when_it_is_back(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn, seasoned: Any, room: Room
) -> None:
    with world() as opened:
        context = _with_room(opened, room)
        seasoned(context)
        break_out(papers)
        room.status = 503
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (alert,) = alerts.latest(tx, 10)
            (waiting,) = alerts.deliveries(tx, alert.id)
        room.status = 200
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (sent,) = alerts.deliveries(tx, alert.id)
    assert (waiting.state, waiting.last_error) == ("pending", "Mattermost answered 503")
    assert (sent.state, sent.id) == ("sent", waiting.id)
    assert len(room.said) == 1
