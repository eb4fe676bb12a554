"""A device fails in the middle of a crisis: no label is lost, and the alert says who gave them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import crisis_news
from word_list import WordList

from alerts.catcher import HookCatcher, MailCatcher
from monitor.context import Context
from monitor.demo import VirtualClock
from monitor.gauges import refresh_gauges
from monitor.store import labels
from policy.degrade import Degrading
from policy.types import Prediction, Tier

QUARTER = timedelta(minutes=15)
CRISIS = [*crisis_news.CRISIS[:9], crisis_news.CRISIS[10]]


class Device(WordList):
    """The same labels, from a device that can be lost."""

    checkpoint = "0a1b2c3d4e5f"
    tier: Tier = "gpu"
    lost = False

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        if self.lost:
            raise RuntimeError("CUDA error: device lost")
        return super().label(texts, targets)


def count(context: Context, tier: str) -> float:
    """Labels of headlines that the metric has counted for a tier."""
    return sum(
        sample.value
        for family in context.metrics.labels.collect()
        for sample in family.samples
        if sample.labels.get("tier") == tier and sample.labels.get("head") == "topic"
    )


def test_labels_of_the_fallback_are_counted_and_confessed(
    world: Any,
    newsstand: Any,
    clock: VirtualClock,
    turn: Callable[[Context, VirtualClock, timedelta], None],
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
) -> None:
    newsstand.titles = {"tidewater": ["Port of Varna reports record exports"], "granary": []}
    device = Device()
    with world() as opened:
        context = replace(opened, policy=Degrading([lambda: device, WordList]))
        seasoned(context)
        before = count(context, "gpu")
        assert before > 0
        device.lost = True
        newsstand.titles = {"tidewater": CRISIS[:6], "granary": CRISIS[4:]}
        for _ in range(6):
            turn(context, clock, QUARTER)
        refresh_gauges(context)
        served = context.metrics.registry.get_sample_value(
            "downdraft_policy_info", {"checkpoint": "word-list", "tier": "fallback"}
        )
        with context.store.read() as tx:
            assert labels.backlog(tx) == 0
        assert (count(context, "gpu"), served) == (before, 1.0)
        assert count(context, "fallback") == 12
    (hook,) = hooks.received
    assert hook.payload["data"]["fallback_stories"] == hook.payload["data"]["stories"]
    assert "came from the fallback policy" in hook.payload["data"]["caveat"]
    (mail,) = mails.received
    text = " ".join(mail.message.get_body(("plain",)).get_content().split())
    assert "came from the fallback policy" in text
