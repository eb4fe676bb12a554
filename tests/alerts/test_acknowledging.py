"""What can be acknowledged, what ends that, and how it changes what receivers are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from halvorsen import PUBLIC_URL, RAISED

from alerts.acknowledging import settled, spreads, why_not
from alerts.dispatch import outbox
from alerts.render import render
from alerts.types import Alert, Announcement

HOUR = timedelta(hours=1)


def joining(child: Alert, hours: float) -> Alert:
    return replace(child, id=f"joins after {hours}", raised_at=RAISED + hours * HOUR)


def test_only_what_is_open_can_be_acknowledged(alert: Alert) -> None:
    over = replace(alert, status="resolved", resolved_at=RAISED + HOUR)
    assert why_not(alert) is None
    assert why_not(replace(alert, status="acknowledged")) is None
    assert why_not(over) == (
        f"alert {alert.id} is over since 4 Mar 12:00 UTC: only one that is open can be acknowledged"
    )


def test_what_joins_a_bin_or_more_after_the_alert_is_another_story(
    alert: Alert, child: Alert
) -> None:
    assert alert.evidence.width == HOUR
    joined = [joining(child, hours) for hours in (0, 0.9, 1, 5)]
    assert spreads([alert]) == 0
    assert spreads([alert, *joined]) == 2
    over = replace(joined[-1], status="resolved", resolved_at=RAISED + 6 * HOUR)
    assert spreads([alert, *joined[:-1], over]) == 2, "that it is over does not undo it"


def test_a_crisis_moves_as_one_and_what_is_over_stays_over(alert: Alert, child: Alert) -> None:
    over = replace(joining(child, 2), status="resolved", resolved_at=RAISED + 3 * HOUR)
    crisis = [alert, child, over]
    both = settled(crisis, acknowledged=True)
    assert both == [replace(one, status="acknowledged") for one in (alert, child)]
    assert settled([*both, over], acknowledged=True) == []
    assert settled([*both, over], acknowledged=False) == [alert, child]


def test_what_happens_after_an_acknowledgement_is_told_once_whatever_was_told_before(
    alert: Alert,
) -> None:
    def told(hours: float, after: str = "", announcement: Announcement = "spread") -> str:
        return outbox(alert, announcement, ["desk"], RAISED + hours * HOUR, after)[0].id

    assert told(1) != told(2, "ack-1") == told(3, "ack-1")
    assert len({told(1), told(1, "ack-1"), told(1, "ack-2"), told(7, "ack-2")}) == 4
    assert told(9, "ack-1", "resolved") == told(9, announcement="resolved")


@pytest.mark.parametrize("status", ["firing", "acknowledged"])
def test_a_message_tells_the_status_as_it_is(alert: Alert, status: str) -> None:
    known = replace(alert, status=status)  # type: ignore[arg-type]
    data = render(known, "firing", [], PUBLIC_URL).payload["data"]
    assert isinstance(data, dict)
    assert data["status"] == status
