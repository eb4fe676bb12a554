from __future__ import annotations

import httpx2
from halvorsen import RAISED
from hook_receiver import receiving

from alerts.catcher import HookCatcher, MailCatcher
from alerts.render import Message
from alerts.senders import KINDS, Sender, open_sender
from alerts.types import Delivery


def test_every_kind_of_receiver_opens_a_sender_that_delivers(
    message: Message, delivery: Delivery
) -> None:
    with (
        httpx2.Client(trust_env=False) as client,
        MailCatcher(lambda: RAISED) as box,
        HookCatcher(lambda: RAISED) as hook,
        receiving(200) as chat,
    ):
        port = chat.server.server_address[1]
        options: dict[str, dict[str, object]] = {
            "webhook": {"url": hook.url},
            "email": {
                "host": "127.0.0.1",
                "port": box.port,
                "security": "none",
                "sender": "alerts@example.org",
                "recipients": ("desk@example.com",),
            },
            "chat": {"url": f"mmost://127.0.0.1:{port}/aroomofourownforthesetests"},
        }
        for kind, settings in KINDS.items():
            sender: Sender = open_sender(settings(**options[kind]), client)  # type: ignore[arg-type]
            sender.send(message, delivery, RAISED)
    assert [caught.delivery_id for caught in box.received] == [delivery.id]
    assert [caught.delivery_id for caught in hook.received] == [delivery.id]
    assert chat.paths == ["/hooks/aroomofourownforthesetests"]
