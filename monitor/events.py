"""How many dated crises the alerts found, how early, and how many chance would have found."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from monitor.archive import parse_time
from policy.errors import DataError

RUN_IN = timedelta(days=45)  # the detector is still learning the archive's level
DAY = timedelta(days=1)
SHIFTS = 500
_COLUMNS = ("date", "sign", "what")


@dataclass(frozen=True, slots=True)
class Event:
    """A dated crisis."""

    day: datetime  # midnight of its date
    time: datetime | None  # to the minute, where known
    what: str


@dataclass(frozen=True, slots=True)
class Window:
    """Where an alert counts as having found an event: since ≤ at < until."""

    since: datetime
    until: datetime
    event: datetime  # what the lead is measured against


@dataclass(frozen=True, slots=True)
class Match:
    """An event, and what found it."""

    event: Event
    alert: datetime | None  # the first alert in the event's window; None: not detected
    lead_hours: float | None  # event minus alert


def read_events(path: Path) -> list[Event]:
    """The events with sign `neg`. Raises DataError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            if missing := set(_COLUMNS) - set(rows.fieldnames or ()):
                raise DataError(
                    f"{path}: column {', '.join(sorted(missing))} is missing; the first line names "
                    f"{', '.join(_COLUMNS)}, and where known time_utc, with commas between them"
                )
            return [
                _event(row, f"{path}, line {rows.line_num}")
                for row in rows
                if (row["sign"] or "").strip() == "neg"
            ]
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a CSV of events") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8; convert it first") from None
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def _event(row: dict[str, str | None], where: str) -> Event:
    """A row that ends early has None where it is silent."""
    day, _ = parse_time(row["date"] or "", where)
    text = (row.get("time_utc") or "").strip()
    time = parse_time(text, where)[0] if text else None
    return Event(day.replace(hour=0, minute=0, second=0, microsecond=0), time, row["what"] or "")


def window(event: Event, daily: bool) -> Window:
    """24 hours around the event's time; the dates from one day before to one day after where
    the bins are days or the time is not known. Without a time the lead is measured against the
    end of the event's day for daily bins, against its beginning (the harder) for shorter ones.
    """
    if event.time is not None and not daily:
        return Window(event.time - DAY, event.time + DAY + timedelta(seconds=1), event.time)
    moment = event.day + DAY - timedelta(seconds=1) if daily else event.day
    return Window(event.day - DAY, event.day + 2 * DAY, moment)


def score(
    events: Sequence[Event],
    alerts: Sequence[datetime],
    first: datetime,
    last: datetime,
    daily: bool,
    seed: int = 0,
) -> dict[str, Any]:
    """The `events` part of a replay over an archive that spans first … last.

    `chance`: mean share detected when the alerts after the run-in are shifted circularly in
    time, which keeps their number and their clustering.
    """
    matched = matches(events, alerts, first, last, daily)
    leads = [one.lead_hours for one in matched if one.lead_hours is not None]
    windows = [window(one.event, daily) for one in matched]
    return {
        "count": len(matched),
        "detected": len(leads),
        "chance": _chance(windows, alerts, first + RUN_IN, last, seed),
        "lead_hours": leads,
    }


def matches(
    events: Sequence[Event],
    alerts: Sequence[datetime],
    first: datetime,
    last: datetime,
    daily: bool,
) -> list[Match]:
    """The events that count, each with the first alert that found it."""
    in_order, begin = sorted(alerts), first + RUN_IN
    counted = [e for e in events if begin <= (e.time or e.day) and e.day <= last]
    return [_match(event, in_order, daily) for event in counted]


def _match(event: Event, alerts: Sequence[datetime], daily: bool) -> Match:
    place = window(event, daily)
    at = _first_in(place, alerts)
    lead = None if at is None else round((place.event - at).total_seconds() / 3600, 2)
    return Match(event, at, lead)


def _first_in(one: Window, alerts: Sequence[datetime]) -> datetime | None:
    place = bisect_left(alerts, one.since)
    return alerts[place] if place < len(alerts) and alerts[place] < one.until else None


def _chance(
    windows: Sequence[Window],
    alerts: Sequence[datetime],
    begin: datetime,
    last: datetime,
    seed: int,
) -> float:
    span = (last - begin).total_seconds()
    offsets = np.array([(at - begin).total_seconds() for at in alerts if at >= begin])
    if not windows or not len(offsets) or span <= 0:
        return 0.0
    since = np.array([(one.since - begin).total_seconds() for one in windows])
    until = np.array([(one.until - begin).total_seconds() for one in windows])
    shares = []
    for shift in np.random.default_rng(seed).uniform(0, span, SHIFTS):
        at = np.sort((offsets + shift) % span)
        shares.append(np.mean(np.searchsorted(at, since) < np.searchsorted(at, until)))
    return round(float(np.mean(shares)), 4)
