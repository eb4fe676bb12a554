"""Alerts and their deliveries: kept together, opened once, owed until sent; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from store_rows import HOUR, LEASE, a_delivery, an_alert

from monitor.store import alerts
from monitor.store.engine import Store


def test_an_alert_comes_back_as_it_was_written(store: Store, noon: datetime) -> None:
    alert, delivery = an_alert(noon), a_delivery(noon)
    with store.write() as tx:
        assert alerts.open_new(tx, alert, [delivery])
    with store.read() as tx:
        assert alerts.get(tx, "a1") == alert
        assert alerts.deliveries(tx, "a1") == [delivery]
        assert alerts.firing(tx) == [alert]


def test_an_alert_raised_by_two_daemons_is_opened_once(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        assert alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        assert not alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        assert len(alerts.deliveries(tx, "a1")) == 1


def test_alert_and_deliveries_are_written_together_or_not_at_all(
    store: Store, noon: datetime
) -> None:
    bad = replace(a_delivery(noon), alert_id="no such alert")
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [bad])
    with store.read() as tx:
        assert alerts.get(tx, "a1") is None


def test_a_resolved_alert_no_longer_fires(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [])
        alerts.update(tx, replace(an_alert(noon), status="resolved", resolved_at=noon + HOUR))
        assert alerts.firing(tx) == []
        assert alerts.latest(tx, 5)[0].resolved_at == noon + HOUR


def test_a_delivery_claimed_by_a_killed_daemon_falls_due_again(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        assert alerts.claim_due(tx, noon, LEASE, 5) == [a_delivery(noon)]
        assert alerts.claim_due(tx, noon, LEASE, 5) == []
        assert alerts.claim_due(tx, noon + LEASE, LEASE, 5) == [a_delivery(noon)]


def test_a_sent_delivery_is_never_claimed_again(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        alerts.record_attempt(tx, replace(a_delivery(noon), state="sent", attempts=1))
        assert alerts.claim_due(tx, noon + HOUR, LEASE, 5) == []
        assert alerts.pending_count(tx) == 0


def test_dead_deliveries_are_listed(store: Store, noon: datetime) -> None:
    dead = replace(a_delivery(noon), state="dead", attempts=12, last_error="410 Gone")
    with store.write() as tx:
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
        alerts.record_attempt(tx, dead)
        assert alerts.dead_deliveries(tx) == [dead]
