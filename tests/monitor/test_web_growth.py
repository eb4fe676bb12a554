"""What pages show of an alert that has spread and grown since it was raised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from web_desk import words
from web_rows import HOUR, NAME, NOW, a_delivery, an_alert, client

from alerts.types import Stream
from monitor.store import alerts
from monitor.store.engine import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An alert of two hours ago that a surge joined half an hour ago."""
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    parent = an_alert("alert1", Stream(target=NAME))
    surge = replace(
        an_alert("alert2", Stream(), parent="alert1", raised_at=NOW - HOUR / 2),
        kind="negative_volume",
        expected=2.0,
    )
    again = a_delivery("alert1", "desk", "sent")
    with opened.write() as tx:
        alerts.open_new(tx, parent, [again])
        alerts.open_new(tx, surge, [])
        alerts.add_deliveries(tx, [replace(again, id="msg_2", announcement="spread")])
    yield opened
    opened.close()


def _words(store: Store, path: str) -> str:
    return words(client(store).get(path).text)


@pytest.mark.parametrize("path", ["/", "/alerts"])
def test_a_surge_inside_an_alert_is_called_one(store: Store, path: str) -> None:
    assert "Inside: all news, surge" in _words(store, path)


def test_each_message_has_its_name_beside_its_receiver(store: Store) -> None:
    assert "desk: sent desk, spread: sent" in _words(store, "/")


def test_the_page_of_an_alert_says_what_joined_it_when(store: Store) -> None:
    words = _words(store, "/alerts/alert1")
    assert "all news, surge : 14 of 16 stories negative" in words
    assert "joined 4 Mar 14:00 UTC" in words


def test_the_store_knows_when_receivers_last_heard(store: Store) -> None:
    with store.write() as tx:
        later = replace(a_delivery("alert1", "desk", "sent"), id="msg_3", created_at=NOW)
        alerts.add_deliveries(tx, [later])
        assert alerts.last_told(tx, "alert1") == NOW
        assert alerts.last_told(tx, "alert2") is None
