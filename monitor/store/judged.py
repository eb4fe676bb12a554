"""The bins behind an alert, from its onset to its alarm: in the tables, and kept in its body."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alerts.types import Alert, Evidence, Stream
from monitor.store import bins, companions

Judged = tuple[str, Evidence]  # a feed that fell silent, or "" for the stream itself
_NUMBERS = ("stories", "negatives", "baseline", "log_evidence", "gain", "expected")


def behind(tx: sa.Connection, about: Alert) -> list[Judged]:
    """As they were judged, oldest first; fewer once old ones are removed."""
    first, last = about.onset, about.evidence.start
    if about.kind == "negative_share":
        return [("", one) for one in bins.of(tx, about.stream, first, last)]
    return [
        (feed, one)
        for feed in _feeds(about)
        for one in companions.bins_of(tx, about.kind, about.stream, feed, first, last)
    ]


def _feeds(about: Alert) -> tuple[str, ...]:
    """The stream itself (no name), or the silent feeds where they are what the alert is about."""
    return about.feeds if about.feeds and about.stream == Stream() else ("",)


def to_body(rows: Sequence[Judged]) -> list[dict[str, Any]]:
    """For the body of the alert that they are behind: it outlives the tables."""
    return [
        {"feed": feed, "start": one.start.isoformat()}
        | {name: getattr(one, name) for name in _NUMBERS}
        for feed, one in rows
    ]


def from_body(body: dict[str, Any], about: Alert) -> list[Judged]:
    """None in alerts that were raised before bodies kept them."""
    return [
        (
            row["feed"],
            Evidence(
                about.stream,
                datetime.fromisoformat(row["start"]),
                about.evidence.width,
                **{name: row[name] for name in _NUMBERS},
            ),
        )
        for row in body.get("bins", ())
    ]
