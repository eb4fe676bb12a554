"""When a silence is long for anybody and long for this feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.quiet import Silence, is_quiet, usual_gap

START = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("usual", "border"),
    [
        (HOUR, 14 * DAY),  # ten hours are no silence for anybody
        (1.4 * DAY, 14 * DAY),
        (2 * DAY, 20 * DAY),
        (30 * DAY, 300 * DAY),
        (None, 90 * DAY),
    ],
)
def test_a_feed_is_quiet_from_its_border_on_and_not_before(
    usual: timedelta | None, border: timedelta
) -> None:
    assert is_quiet(border, usual)
    assert not is_quiet(border - MOMENT, usual)


def after(*gaps: timedelta) -> list[datetime]:
    """Moments so far apart."""
    moments = [START]
    for gap in gaps:
        moments.append(moments[-1] + gap)
    return moments


def test_a_feed_of_fewer_than_six_moments_has_no_usual_gap() -> None:
    assert usual_gap(after(*[DAY] * 4)) is None
    assert usual_gap(after(*[DAY] * 5)) == DAY
    assert usual_gap([]) is None


def test_what_came_at_once_is_one_moment() -> None:
    assert usual_gap([START] * 50) is None
    assert usual_gap(after(*[7 * DAY, 0 * DAY, 0 * DAY] * 6)) == 7 * DAY


def test_an_outage_of_the_past_is_not_what_is_usual() -> None:
    assert usual_gap(after(*[DAY] * 20, 200 * DAY, *[DAY] * 20)) == DAY


def test_who_publishes_in_bursts_has_the_gaps_between_them_too() -> None:
    """Three stories in three days, then none for four weeks: a median would be a day."""
    usual = usual_gap(after(*[DAY, DAY, 28 * DAY] * 16))
    assert usual is not None
    assert 6 * DAY < usual < 10 * DAY


def test_moments_may_come_in_any_order() -> None:
    assert usual_gap(after(*[2 * DAY] * 9)[::-1]) == 2 * DAY


@pytest.mark.parametrize(
    ("lasts", "usual", "said"),
    [
        (274 * DAY, 2 * DAY, "quiet for 9 months, usually a story every 2 days"),
        (14 * DAY, HOUR, "quiet for 14 days, usually a story every hour"),
        (21 * DAY, DAY, "quiet for 21 days, usually a story every day"),
        (75 * DAY, 7 * HOUR, "quiet for 2 months, usually a story every 7 hours"),
        (800 * DAY, None, "quiet for 2 years"),
        (45 * DAY, timedelta(seconds=20), "quiet for 45 days, usually a story every minute"),
    ],
)
def test_a_silence_is_said_in_units_that_a_reader_would_choose(
    lasts: timedelta, usual: timedelta | None, said: str
) -> None:
    assert Silence(START, usual).sentence(START + lasts) == said
