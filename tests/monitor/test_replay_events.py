"""Whether dated crises were found, how early, and how many chance would have found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.events import Event, read_events, score
from policy.errors import DataError

FIRST = datetime(2031, 1, 1, tzinfo=UTC)
LAST = datetime(2031, 12, 31, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUNE = datetime(2031, 6, 13, tzinfo=UTC)
TIMED = Event(JUNE, JUNE + 2 * HOUR, "halt")
DATED = Event(JUNE, None, "rout")


def test_an_event_with_a_time_is_found_within_24_hours_either_way() -> None:
    for hours, found in ((-25, 0), (-24, 1), (9, 1), (24, 1), (25, 0)):
        at = JUNE + 2 * HOUR + hours * HOUR
        result = score([TIMED], [at], FIRST, LAST, daily=False)
        assert result["detected"] == found
        assert result["lead_hours"] == [float(-hours)] * found


def test_an_event_without_a_time_is_found_from_the_day_before_to_the_day_after() -> None:
    for at, found in ((-1, 0), (0, 1), (71, 1), (72, 0)):
        result = score([DATED], [JUNE - DAY + at * HOUR], FIRST, LAST, daily=False)
        assert result["detected"] == found


def test_daily_alerts_are_matched_by_date() -> None:
    end_of_day = DAY - timedelta(seconds=1)
    for days, found in ((-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)):
        at = JUNE + days * DAY + end_of_day
        result = score([TIMED], [at], FIRST, LAST, daily=True)
        assert result["detected"] == found
        assert result["lead_hours"] == [-24.0 * days] * found


def test_the_first_alert_in_the_window_gives_the_lead() -> None:
    alerts = [JUNE + 5 * HOUR, JUNE - 3 * HOUR]
    assert score([TIMED], alerts, FIRST, LAST, daily=False)["lead_hours"] == [5.0]


def test_events_outside_the_span_or_in_the_run_in_are_left_out() -> None:
    days = (FIRST - DAY, FIRST + 44 * DAY, FIRST + 45 * DAY, LAST, LAST + DAY)
    events = [Event(day, None, "x") for day in days]
    assert score(events, [], FIRST, LAST, daily=True)["count"] == 2


def test_chance_is_the_share_found_by_alerts_at_random_times() -> None:
    alerts = [FIRST + (50 + 30 * i) * DAY for i in range(10)]
    chance = score([DATED], alerts, FIRST, LAST, daily=False)["chance"]
    assert chance == pytest.approx(10 * 3 / 319, abs=0.03)
    assert score([DATED], alerts, FIRST, LAST, daily=False)["chance"] == chance
    assert score([DATED], [], FIRST, LAST, daily=False)["chance"] == 0


def test_alerts_of_the_run_in_have_no_part_in_chance() -> None:
    assert score([DATED], [FIRST + 10 * DAY], FIRST, LAST, daily=False)["chance"] == 0


def test_only_negative_events_are_read(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "id,date,time_utc,sign,what\n"
        "1,2031-06-13,2031-06-13T02:10Z,neg,halt\n2,2031-06-14,,pos,merge\n3,2031-06-15,,neg,run\n"
    )
    halt, run = read_events(path)
    assert halt == Event(JUNE, JUNE + timedelta(hours=2, minutes=10), "halt")
    assert run == Event(JUNE + 2 * DAY, None, "run")


def test_events_need_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("date,what\n2031-06-13,halt\n")
    with pytest.raises(DataError, match="column sign is missing"):
        read_events(path)
    with pytest.raises(DataError, match="no such file"):
        read_events(tmp_path / "none.csv")
