"""Shares over time and the table of streams, as pure functions."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from web_rows import HOUR, NAME, NOW, SETTINGS, TOPIC, an_alert

from alerts.types import Evidence, Stream
from monitor.watching import streams_of
from monitor.web import drawing
from monitor.web.streams import (
    TrailPoint,
    legible_window,
    promise,
    promised,
    rolling_share,
    series,
    table,
)


def bins(*counts: tuple[int, int], evidence: float = 1.0) -> list[Evidence]:
    """Hourly (stories, negatives), the last in the hour of NOW."""
    first = NOW.replace(minute=0) - (len(counts) - 1) * HOUR
    return [
        Evidence(Stream(), first + i * HOUR, HOUR, n, y, 0.25, evidence, 0.1)
        for i, (n, y) in enumerate(counts)
    ]


def test_a_rolling_share_weighs_stories_not_hours() -> None:
    assert rolling_share(bins((8, 0), (2, 2), (0, 0)), 2 * HOUR) == [0, 0.2, 1.0]


def test_a_window_without_stories_has_no_share() -> None:
    assert rolling_share(bins((0, 0), (2, 1), (0, 0), (0, 0)), 2 * HOUR) == [None, 0.5, 0.5, None]


def test_a_gap_in_the_bins_does_not_stretch_the_window() -> None:
    early, _lost, _lost_too, late = bins((9, 9), (1, 1), (1, 1), (4, 1))
    assert rolling_share([early, late], 2 * HOUR) == [1.0, 0.25]


@pytest.mark.parametrize(("an_hour", "hours"), [(40, 3), (4, 3), (3, 6), (2, 6), (1, 12), (0, 24)])
def test_thin_streams_are_averaged_over_longer(an_hour: int, hours: int) -> None:
    assert legible_window(bins(*[(an_hour, 0)] * 48)) == timedelta(hours=hours)


def test_a_window_is_never_shorter_than_a_bin() -> None:
    day = Evidence(Stream(), NOW, timedelta(days=1), 500, 100, 0.25, 1.0, 0.1)
    assert legible_window([day]) == timedelta(days=1)


def test_what_is_promised_covers_every_declared_stream() -> None:
    assert streams_of(SETTINGS)[0] == Stream()
    assert len(streams_of(SETTINGS)) == 1 + 20 + 2
    budget = promised(SETTINGS)
    assert budget.threshold == 23 * 168
    assert promise(budget) == "at most 1 false alarm a week over 23 streams"


def test_streams_with_an_alert_stand_first_whatever_their_evidence() -> None:
    strong, quiet = Stream(topic="Macro"), Stream(target=NAME)
    found = {strong: bins((9, 5), evidence=7.0), quiet: bins((9, 5), evidence=0.5)}
    alert = an_alert("a", quiet)
    first, second, third = table((Stream(), strong, quiet), found, [alert], promised(SETTINGS), NOW)
    assert (first.stream, first.firing) == (quiet, "critical")
    assert (second.stream, second.firing) == (strong, None)
    assert (third.stream, third.baseline, third.share) == (Stream(), None, None)


def test_missing_news_does_not_paint_a_stream_as_bad_news() -> None:
    hole = replace(an_alert("a", Stream()), kind="coverage_hole")
    (row,) = table((Stream(),), {}, [hole], promised(SETTINGS), NOW)
    assert row.firing is None


def test_an_alert_on_a_stream_that_left_the_configuration_is_still_in_the_table() -> None:
    rows = table((), {}, [an_alert("a", Stream(topic=TOPIC))], promised(SETTINGS), NOW)
    assert [row.name for row in rows] == [TOPIC]


def test_today_is_the_last_24_hours_and_the_trail_the_last_three_days() -> None:
    (row,) = table((Stream(),), {Stream(): bins(*[(2, 1)] * 96)}, [], promised(SETTINGS), NOW)
    assert (row.stories, row.negatives) == (48, 24)
    assert len(row.trail) == 72
    assert row.log_evidence / row.threshold == pytest.approx(1 / math.log(23 * 168))


def test_a_series_starts_where_asked_with_a_full_window_behind_it() -> None:
    found = bins(*[(6, 6)] * 5, *[(6, 0)] * 5)
    shown = series(Stream(), found, found[5].start, [], promised(SETTINGS))
    assert len(shown.start) == 5
    assert shown.share == (pytest.approx(2 / 3), pytest.approx(1 / 3), 0, 0, 0)


def test_a_sparkline_lifts_the_pen_where_there_was_no_news() -> None:
    trail = [
        TrailPoint(NOW - timedelta(hours=hours), share)
        for hours, share in ((72, 0.0), (36, None), (18, 0.35), (0, 0.9))
    ]
    assert drawing.spark(trail, NOW) == "M0.0 21.0M72.0 11.0L96.0 1.0"


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (45, "45 min"), (370, "6 h 10 min"), (4600, "3 d 4 h")]
)
def test_durations_are_said_in_two_units(minutes: int, words: str) -> None:
    assert drawing.duration(timedelta(minutes=minutes)) == words
