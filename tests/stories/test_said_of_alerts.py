"""What analysts say of alerts, and another checkpoint, told to the detector by the real jobs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from crisis_news import break_out
from word_list import WordList

from alerts import detector
from alerts.types import Alert, Budget, Evidence, Stream
from monitor.context import Context
from monitor.learning import shadow
from monitor.store import alert_verdicts, alerts, detection
from monitor.store.alert_verdicts import AlertVerdict
from monitor.watching import config_of, streams_of
from policy.types import Prediction

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def crisis(
    opened: Any, newsstand: Any, clock: Any, turn: Any, seasoned: Any, rejecting: Sequence[str]
) -> Alert:
    """The first alert of a crisis where so many analysts have rejected each of six before it."""
    with opened as context:
        seasoned(context)
        reject(context, rejecting, clock())
        break_out(newsstand)
        for _ in range(12):
            turn(context, clock, QUARTER)
        with context.store.read() as tx:
            told = [one for one in alerts.latest(tx, 50) if not one.id.startswith("past")]
    return min(told, key=lambda one: one.raised_at)


def reject(context: Context, analysts: Sequence[str], now: datetime) -> None:
    budgets = config_of(context.settings).budgets(streams := streams_of(context.settings))
    with context.store.write() as tx:
        for stream, budget in zip(streams, budgets, strict=True):
            for number in range(6):
                past = barely(stream, budget, f"past-{stream}-{number}", now - timedelta(days=1))
                alerts.open_new(tx, past, ())
                for who in analysts:
                    said = (f"{who} {past.id}", past.id, who, "reject", "immaterial", "page")
                    alert_verdicts.add(tx, AlertVerdict(*said, now))


def barely(stream: Stream, budget: Budget, name: str, at: datetime) -> Alert:
    """Resolved, and half a nat above its threshold."""
    level = math.log(budget.threshold) + 0.5
    evidence = Evidence(stream, at, HOUR, 9, 8, 0.2, level, 2.0)
    return Alert(
        name, stream, "negative_share", "warning", "resolved", at, at, evidence, 9, 8, 0.2, (),
        "word-list", budget, None, at,
    )  # fmt: skip


def test_what_two_analysts_reject_must_pass_a_bar_the_next_time_and_is_told_all_the_same(
    world: Any, newsstand: Any, clock: Any, turn: Any, seasoned: Any, noon: Any, tmp_path: Any
) -> None:
    def first(*rejecting: str) -> Alert:
        clock.advance(noon)
        newsstand.titles = {"tidewater": [], "granary": []}
        opened = world(f"sqlite:///{tmp_path}/{len(rejecting)}.db")
        return crisis(opened, newsstand, clock, turn, seasoned, rejecting)

    usual, both = first("anna"), first("anna", "ben")
    assert usual.bar == 0
    assert 0 < both.bar <= 2
    margin = both.evidence.log_evidence - math.log(both.budget.threshold)
    assert margin >= both.bar
    assert both.raised_at >= usual.raised_at


class Anxious(WordList):
    """Calls every other headline negative too."""

    checkpoint = "anxious"

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [
            Prediction.likeliest(one.topic_probabilities, (0.9, 0.05, 0.05))
            if len(text) % 2
            else one
            for text, one in zip(texts, super().label(texts, targets), strict=True)
        ]


def test_a_promotion_takes_the_share_that_the_new_checkpoint_would_have_left(
    world: Any, newsstand: Any, clock: Any, turn: Any, seasoned: Any
) -> None:
    newsstand.titles = {"tidewater": [], "granary": []}
    with world() as context:
        seasoned(context)
        before = share(context)
        assert shadow.catch_up(context.store, Anxious(), clock()) > 50
        with structlog.testing.capture_logs() as logs:
            turn(replace(context, policy=Anxious()), clock, HOUR)
        after = share(context)
    (note,) = {one["reason"] for one in logs if "follows word-list" in one.get("reason", "")}
    assert "that both have labelled" in note
    assert after > before + 0.2


def share(context: Context) -> float:
    with context.store.read() as tx:
        packed = detection.states(tx)
    known = detector.unpack([packed[Stream()]], config_of(context.settings)).baseline
    return float(known.negatives[0] / (known.negatives[0] + known.others[0]))
