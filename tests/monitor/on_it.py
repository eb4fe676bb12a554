"""Saying "I am on it" of the newsroom's alert, and what stands of it in the store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.testclient import TestClient
from web_rows import NAME, NOW, an_alert, as_analyst

from alerts.types import Stream
from monitor.acknowledging import settle, who_was_on
from monitor.store import alerts
from monitor.store.engine import Store

PATH = "/api/v1/alerts/alert1/acknowledgements"


def say(site: TestClient, who: str, body: Any, path: str = PATH) -> tuple[int, dict[str, Any]]:
    answer = site.post(path, json=body, headers=as_analyst(who))
    return answer.status_code, answer.json()


def rows(store: Store) -> list[tuple[str, str, bool]]:
    with store.read() as tx:
        told = who_was_on(tx, an_alert("alert1", Stream(target=NAME)))
    return [(one.analyst, one.note, holds) for one, holds in told]


def status(store: Store, alert_id: str = "alert1") -> str:
    with store.read() as tx:
        found = alerts.get(tx, alert_id)
    assert found is not None
    return found.status


def surge_joins(store: Store) -> None:
    surge = replace(
        an_alert("alert3", Stream(), parent="alert1", raised_at=NOW), kind="negative_volume",
        expected=2.0,
    )  # fmt: skip
    with store.write() as tx:
        alerts.open_new(tx, surge, [])
        settle(tx, surge)


def end(store: Store) -> None:
    over = an_alert("alert1", Stream(target=NAME), resolved_at=NOW)
    with store.write() as tx:
        alerts.update(tx, over)
