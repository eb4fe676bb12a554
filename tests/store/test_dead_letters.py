"""Deliveries that were given up are tried again, or dropped; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from store_rows import HOUR, LEASE, a_delivery, an_alert

from monitor.store import alerts, dead_letters
from monitor.store.engine import Store


@pytest.fixture
def letters(store: Store, noon: datetime) -> Store:
    """Two deliveries that were given up, and one that was sent."""
    given_up = replace(a_delivery(noon), state="dead", attempts=12, last_error="410 Gone")
    rows = [
        given_up,
        replace(given_up, id="msg_2", receiver="hook", created_at=noon + HOUR),
        replace(given_up, id="msg_3", receiver="room", state="sent"),
    ]
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), rows)
    return store


def test_they_are_listed_with_their_receivers_the_oldest_first(letters: Store) -> None:
    with letters.read() as tx:
        assert dead_letters.dead(tx) == [("msg_1", "desk"), ("msg_2", "hook")]


def test_one_that_is_tried_again_is_due_at_once_under_its_id(
    letters: Store, noon: datetime
) -> None:
    later = noon + 100 * HOUR
    with letters.write() as tx:
        dead_letters.revive(tx, ["msg_2", "msg_3"], later)
        (due,) = alerts.claim_due(tx, later, LEASE, 5)
        assert (due.id, due.attempts, due.state) == ("msg_2", 0, "pending")
        assert dead_letters.dead(tx) == [("msg_1", "desk")]


def test_one_that_is_dropped_is_no_trouble_and_stays_with_its_alert(
    letters: Store, noon: datetime
) -> None:
    with letters.write() as tx:
        dead_letters.drop(tx, ["msg_1", "msg_3"])
        states = {one.id: one.state for one in alerts.deliveries(tx, "a1")}
        assert states == {"msg_1": "dropped", "msg_2": "dead", "msg_3": "sent"}
        assert [one.id for one in alerts.dead_deliveries(tx)] == ["msg_2"]
        assert alerts.claim_due(tx, noon + 100 * HOUR, LEASE, 5) == []
