"""Two desks with wishes of their own: each hears of its streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from crisis_news import break_out

from alerts.catcher import HookCatcher, MailCatcher
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.store import alerts

QUARTER = timedelta(minutes=15)
Turn = Callable[[Context, VirtualClock, timedelta], None]


def _asking(context: Context, **wishes: dict[str, Any]) -> Context:
    """The world with what the receivers named ask for."""
    receivers = tuple(
        receiver.model_copy(update=wishes.get(receiver.name, {}))
        for receiver in context.settings.receivers
    )
    return replace(context, settings=context.settings.model_copy(update={"receivers": receivers}))


def test_a_crisis_is_told_to_whom_asked_for_a_stream_inside_it_and_to_nobody_else(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
) -> None:
    with world() as opened:
        context = _asking(
            opened,
            mail={"names": ("Halvorsen Marine",)},
            hook={"kinds": ("coverage_hole",)},
        )
        seasoned(context)
        break_out(papers)
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (parent,) = alerts.latest(tx, 10)
            told = [(one.receiver, one.announcement) for one in alerts.deliveries(tx, parent.id)]
    assert not parent.stream.target, "the company stands inside"
    assert told == [("mail", "firing")]
    assert (len(mails.received), len(hooks.received)) == (1, 0)
