"""What an outcome does to an alert that somebody is on, in the tick's own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from web_rows import HOUR, NAME, NOW, an_alert

from alerts.outcome import Outcome
from alerts.types import Alert, Kind, Stream
from monitor.acknowledging import acknowledge, who_was_on
from monitor.announcements import Round, announce
from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context
from monitor.memory import recall
from monitor.store import alerts
from monitor.watching import config_of, streams_of
from policy.types import Prediction

PARENT = an_alert("alert1", Stream(target=NAME), raised_at=NOW)


class Nobody:
    """A policy that is not asked."""

    checkpoint, tier = "none", "cpu"

    def label(self, texts: list[str], targets: list[str]) -> list[Prediction]:
        raise AssertionError((texts, targets))


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A desk with one receiver, and one alert told to it at NOW."""
    hook = {"kind": "webhook", "name": "desk", "url": "http://127.0.0.1:9/", "secret": "c2VjcmV0"}
    settings = Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{tmp_path}/news.db"},
            "watch": [{"name": NAME}],
            "receivers": [hook | {"secret": "whsec_" + "c3Rvcmllcy1mb3ItdGVzdHMtb25seS0xMjM0"}],
        }
    )
    later = NOW + 30 * HOUR
    with open_context(settings, lambda: later, Nobody(), seed=1) as opened:  # type: ignore[arg-type]
        with tick(opened, 0) as this:
            announce(this, Outcome(raised=(PARENT,)))
        yield opened


@contextmanager
def tick(context: Context, hours: float) -> Iterator[Round]:
    """A transaction of detecting, so many hours after the alert was raised."""
    with context.store.write() as tx:
        yield Round(context, tx, config_of(context.settings), NOW + hours * HOUR)


def joining(hours: float, kind: Kind = "negative_volume") -> Alert:
    stream = Stream(topic=f"of {hours}")
    child = an_alert(f"after {hours}", stream, parent="alert1", raised_at=NOW + hours * HOUR)
    return replace(child, kind=kind, expected=2.0)


def join(context: Context, hours: float) -> None:
    with tick(context, hours) as this:
        announce(this, Outcome(raised=(joining(hours),)))


def be_on_it(context: Context, hours: float) -> None:
    with context.store.write() as tx:
        assert acknowledge(tx, "alert1", "anna", "", NOW + hours * HOUR)


def told(context: Context) -> list[tuple[str, timedelta]]:
    with context.store.read() as tx:
        known = [
            (one.announcement, one.created_at - NOW) for one in alerts.deliveries(tx, "alert1")
        ]
    return sorted(known, key=lambda one: one[1])


def parent(context: Context) -> Alert:
    with context.store.read() as tx:
        found = alerts.get(tx, "alert1")
    assert found is not None
    return found


def test_what_joins_after_an_acknowledgement_is_told_though_another_message_is_fresh(
    context: Context,
) -> None:
    join(context, 2)
    join(context, 3)  # within six hours of the first: not told
    be_on_it(context, 4)
    join(context, 5)
    join(context, 5.5)  # nobody was on it again
    assert told(context) == [("firing", 0 * HOUR), ("spread", 2 * HOUR), ("spread", 5 * HOUR)]
    assert parent(context).status == "firing"


def test_each_acknowledgement_that_is_overtaken_makes_one_message(context: Context) -> None:
    for hours in (2, 3, 4):
        be_on_it(context, hours - 0.5)
        join(context, hours)
    assert [at for announcement, at in told(context) if announcement == "spread"] == [
        2 * HOUR, 3 * HOUR, 4 * HOUR,
    ]  # fmt: skip


def test_what_joins_within_the_bin_is_not_told_and_is_acknowledged_too(context: Context) -> None:
    be_on_it(context, 0.1)
    join(context, 0.5)
    assert told(context) == [("firing", 0 * HOUR)]
    with context.store.read() as tx:
        assert {one.status for one in alerts.firing(tx)} == {"acknowledged"}


def test_what_changes_an_alert_leaves_its_acknowledgement(context: Context) -> None:
    be_on_it(context, 1)
    with tick(context, 2) as this:
        announce(this, Outcome(changed=(replace(PARENT, feeds=("tidewater",)),)))
    assert (parent(context).status, parent(context).feeds) == ("acknowledged", ("tidewater",))


def test_what_changes_an_alert_in_the_bin_in_which_it_spreads_leaves_it_firing(
    context: Context,
) -> None:
    be_on_it(context, 1)
    before_the_tick = replace(PARENT, status="acknowledged", feeds=("tidewater",))
    with tick(context, 2) as this:
        announce(this, Outcome(raised=(joining(2),), changed=(before_the_tick,)))
    assert (parent(context).status, parent(context).feeds) == ("firing", ("tidewater",))


def test_that_it_is_over_is_told_as_ever_and_the_row_stays(context: Context) -> None:
    be_on_it(context, 1)
    over = replace(parent(context), status="resolved", resolved_at=NOW + 8 * HOUR)
    with tick(context, 8) as this:
        announce(this, Outcome(resolved=(over,)))
    assert told(context)[-1] == ("resolved", 8 * HOUR)
    assert parent(context).status == "resolved"
    with context.store.read() as tx:
        assert [(one.analyst, holds) for one, holds in who_was_on(tx, PARENT)] == [("anna", True)]


def test_the_next_tick_recalls_an_acknowledged_alert_as_an_open_one(context: Context) -> None:
    be_on_it(context, 1)
    streams = streams_of(context.settings)
    with context.store.read() as tx:
        watch = recall(tx, streams, config_of(context.settings), "none")
    assert watch.open == {PARENT.stream: replace(PARENT, status="acknowledged")}
