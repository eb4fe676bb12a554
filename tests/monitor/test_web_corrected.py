"""An alert says what its share would be without the errors of the labels, where these are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from web_rows import HOUR, NAME, NOW, an_alert, client

from alerts.near_misses import NearMiss
from alerts.types import Stream
from monitor.cli.state import lines, read_state
from monitor.store import alert_verdicts, alerts, near_misses
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Store, open_store
from monitor.web.drawing import percent
from policy.manifest import SHIPPED, describe


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


def told(store: Store, checkpoint: str) -> tuple[Any, str]:
    """By the API and on the page."""
    alert = replace(an_alert("a1", Stream(target=NAME)), checkpoint=checkpoint)
    with store.write() as tx:
        alerts.open_new(tx, alert, ())
    site: TestClient = client(store)
    return site.get("/api/v1/alerts/a1").json()["corrected"], site.get("/alerts/a1").text


def test_the_shipped_policys_errors_are_known(store: Store) -> None:
    share, page = told(store, describe(SHIPPED).id)
    assert 0 < share["low"] < share["share"] < share["high"] <= 1
    assert f"about {percent(share['share'])}" in page


def test_of_an_unknown_checkpoint_nothing_is_claimed(store: Store) -> None:
    share, page = told(store, "0a1b2c3d4e5f")
    assert share is None
    assert "Without label errors" not in page


def near(number: int) -> NearMiss:
    return NearMiss(
        f"audit-{number}", Stream(target=NAME), NOW - 4 * HOUR, NOW - HOUR, -0.5, 9, 6, 0.25, 0.05,
        number < 4,
    )  # fmt: skip


def test_status_estimates_the_rises_that_were_missed_once_analysts_have_answered(
    store: Store,
) -> None:
    with store.write() as tx:
        near_misses.add(tx, [near(number) for number in range(40)])
    silent = read_state(store, NOW)
    assert silent["near_misses"]["estimate"] is None
    assert not any(line.startswith("missed") for line in lines(silent))
    with store.write() as tx:
        for number, answer in enumerate(("confirm", "reject", "reject", "reject")):
            said = AlertVerdict(f"v{number}", f"audit-{number}", "anna", answer, "", "api", NOW)
            alert_verdicts.add(tx, said)
    state = read_state(store, NOW + timedelta(hours=1))
    assert (state["near_misses"]["estimate"], state["near_misses"]["answered"]) == (10, 4)
    (line,) = [line for line in lines(state) if line.startswith("missed")]
    assert "10 of 40 near-misses in 90 days would have been worth an alert" in line
