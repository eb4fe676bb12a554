"""What a manifest tells of a checkpoint's errors: shares shown without them, steps between two."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.rebase import Change, Relabelled
from alerts.types import Alert, Budget, Evidence, Kind, Stream
from monitor.config import Settings
from monitor.explain import explain, lines
from monitor.label_errors import confusion, corrected_share, with_errors
from monitor.store import alerts
from monitor.store.engine import Store
from policy.manifest import FALLBACK, SHIPPED, describe

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHIPPED_ID, FALLBACK_ID = describe(SHIPPED).id, describe(FALLBACK).id
OIL = Stream("Oil")


def alert(
    kind: Kind = "negative_share", checkpoint: str = SHIPPED_ID, stream: Stream = OIL
) -> Alert:
    """40 of 100 stories."""
    evidence = Evidence(stream, NOON, HOUR, 9, 8, 0.2, 9.1, 2.0)
    return Alert(
        "a1", stream, kind, "warning", "firing", NOON, NOON, evidence, 100, 40, 0.2, (),
        checkpoint, Budget(1.0, 29, math.exp(9), 168.0),
    )  # fmt: skip


def test_explain_shows_the_share_without_the_errors_of_the_labels(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        alerts.open_new(tx, alert(), ())
    document = explain(sqlite_store, Settings(), "a1")
    assert document is not None
    share = document["corrected"]
    s, f = 116 / 144, 28 / 706
    assert share["share"] == pytest.approx((0.4 - f) / (s - f), abs=0.02)
    assert share["low"] < share["share"] < share["high"] < share["low"] + 0.35
    assert any(f"about {share['share']:.0%} (" in line for line in lines(document))


def test_what_is_said_of_a_name_errs_otherwise_than_what_is_said_of_a_headline(
    sqlite_store: Store,
) -> None:
    with sqlite_store.read() as tx:
        headline, target = (
            corrected_share(tx, Settings(), alert(stream=stream))
            for stream in (OIL, Stream(target="Acme"))
        )
        positive = corrected_share(tx, Settings(), alert("positive_share"))
        fallback = corrected_share(tx, Settings(), alert(checkpoint=FALLBACK_ID))
    assert len({headline, target, positive, fallback, None}) == 5


def test_a_checkpoint_that_nobody_knows_and_an_alert_on_counts_have_no_corrected_share(
    sqlite_store: Store,
) -> None:
    with sqlite_store.read() as tx:
        assert corrected_share(tx, Settings(), alert(checkpoint="0123456789ab")) is None
        assert corrected_share(tx, Settings(), alert("negative_volume")) is None


def test_a_step_between_checkpoints_is_told_how_often_both_err(sqlite_store: Store) -> None:
    known = Change({OIL: Relabelled(10, 4, 5, 3)})
    with sqlite_store.read() as tx:
        both = with_errors(tx, Settings(), known, FALLBACK_ID, SHIPPED_ID)
        one = with_errors(tx, Settings(), known, "0123456789ab", SHIPPED_ID)
    assert both.headlines is not None
    assert both.targets is not None
    assert both.headlines.after.rates[0] > both.headlines.before.rates[0]  # finds more
    assert replace(both, headlines=None, targets=None) == known == one


def test_what_is_counted_is_the_likeliest_label_not_the_one_chosen() -> None:
    told = {"likeliest": {"sentiment": {"confusion": [[9, 1], [2, 8]]}}, "sentiment": {}}
    found = confusion(told, "sentiment")
    assert found is not None
    assert found.counts == ((9, 1), (2, 8))
    assert confusion({"sentiment": {"accuracy": 0.9}}, "sentiment") is None
