"""What it takes to be on it: which alerts can be acknowledged, and what ends that. Pure.

Somebody who is on it wants to hear no more of the same story, and at once of another one: an
acknowledgement ends when a further stream or kind joins the crisis, and not by the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alerts.spreading import has_spread
from alerts.types import Alert, Status
from alerts.wording import day_and_time

LONGEST_NOTE = 500  # characters


def why_not(alert: Alert) -> str | None:
    """The reason why nobody can acknowledge it any more."""
    if alert.resolved_at is None:
        return None
    over = f"{day_and_time(alert.resolved_at)} UTC"
    return f"alert {alert.id} is over since {over}: only one that is open can be acknowledged"


def spreads(crisis: Sequence[Alert]) -> int:
    """How many have joined a crisis, its parent first, after it was told: each was another story
    in kind, so what was acknowledged before it joined is acknowledged no more."""
    parent, *children = crisis
    return sum(has_spread(parent, child, parent.evidence.width) for child in children)


def settled(crisis: Sequence[Alert], acknowledged: bool) -> list[Alert]:
    """Those of a crisis whose status moves: it is one alert, and what is over stays over."""
    status: Status = "acknowledged" if acknowledged else "firing"
    return [replace(one, status=status) for one in crisis if one.status not in (status, "resolved")]
