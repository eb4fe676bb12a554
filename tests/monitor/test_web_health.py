"""What supervisors and Prometheus ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_rows import HOUR, NOW, add_story, client

from monitor.store.engine import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


def test_a_living_daemon_is_healthy_even_before_it_is_ready(store: Store) -> None:
    site = client(store, ready="the checkpoint is still loading")
    healthy, ready = site.get("/healthz"), site.get("/readyz")
    assert (healthy.status_code, healthy.text) == (200, "ok\n")
    assert (ready.status_code, ready.text) == (503, "the checkpoint is still loading\n")
    assert client(store).get("/readyz").status_code == 200


def test_a_daemon_whose_jobs_hang_asks_to_be_restarted(store: Store) -> None:
    answer = client(store, alive="label has ended no batch for 700 s").get("/healthz")
    assert (answer.status_code, answer.text) == (503, "label has ended no batch for 700 s\n")


def test_a_store_that_is_away_is_no_reason_to_be_restarted(store: Store) -> None:
    site = client(store)
    with store.write() as tx:
        tx.exec_driver_sql("drop table job")
    assert site.get("/healthz").status_code == 200


def test_gauges_are_fresh_whenever_metrics_are_asked_for(store: Store) -> None:
    site = client(store)
    assert "articles_seen 0.0" in site.get("/metrics").text
    with store.write() as tx:
        add_story(tx, "New", NOW - HOUR)
    answer = site.get("/metrics")
    assert "articles_seen 1.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
