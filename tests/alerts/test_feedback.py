"""Bars from verdicts: raised where analysts reject, by nobody alone, never above two nats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.feedback import MOST, Heard, raises
from alerts.types import Kind, Stream

NOW = datetime(2031, 3, 4, 12, tzinfo=UTC)
DESK = ("anna", "ben", "cleo")
SPORT, OIL = Stream("Sport"), Stream("Oil")
SHARE: Kind = "negative_share"


def said(
    stream: Stream,
    real: bool,
    episodes: int,
    margin: float = 0.7,
    by: tuple[str, ...] = DESK,
    days: float = 1,
) -> list[Heard]:
    """Each analyst's answer about each of so many episodes."""
    at = NOW - timedelta(days=days)
    return [
        Heard(f"{stream} {real} {i} {margin}", SHARE, stream, margin, 12, 4, real, who, at)
        for i in range(episodes)
        for who in by
    ]


def test_a_stream_whose_alerts_are_mostly_rejected_gets_a_higher_bar() -> None:
    found = raises([*said(SPORT, False, 6), *said(OIL, True, 6, margin=3)], NOW)
    assert list(found) == [(SHARE, SPORT)]
    assert 0.5 <= found[SHARE, SPORT] <= MOST


def test_the_bar_rises_with_the_rejections_and_stops_at_two_nats() -> None:
    few, more, most = (raises(said(SPORT, False, n), NOW)[SHARE, SPORT] for n in (1, 2, 50))
    assert 0 < few < more < most == MOST


def test_alerts_that_are_mostly_real_leave_the_bar_where_it_is() -> None:
    assert raises([*said(OIL, True, 8, margin=2), *said(OIL, False, 1, margin=1)], NOW) == {}


def test_the_bar_goes_just_above_the_weak_episodes_that_are_rejected() -> None:
    heard = [*said(OIL, False, 6, margin=0.5), *said(OIL, True, 6, margin=3)]
    assert 0.5 < raises(heard, NOW)[SHARE, OIL] < 1.2


def test_one_analyst_alone_raises_no_bar_however_much_is_rejected() -> None:
    assert raises(said(SPORT, False, 100, by=("mallory",)), NOW) == {}
    beside = [*said(SPORT, False, 100, by=("mallory",)), *said(OIL, True, 1, by=("anna",))]
    assert raises(beside, NOW) == {}


def test_who_rejects_everything_raises_no_bar_that_the_others_would_not_have_raised() -> None:
    honest = [*said(SPORT, True, 4, margin=2), *said(OIL, False, 3)]
    mallory = [*said(SPORT, False, 60, by=("mallory",)), *said(OIL, False, 60, by=("mallory",))]
    assert (SHARE, SPORT) not in raises([*honest, *mallory], NOW)
    without = raises(honest, NOW)[SHARE, OIL]
    assert raises([*honest, *mallory], NOW)[SHARE, OIL] <= without + 0.5


def test_a_bar_comes_down_as_the_verdicts_behind_it_fade() -> None:
    heights = [
        raises(said(SPORT, False, 3, days=days), NOW).get((SHARE, SPORT), 0.0)
        for days in (0, 60, 120, 200)
    ]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[2] + 0.3
    assert heights[3] == 0


def test_the_bar_of_a_stream_is_raised_only_for_what_was_said_of_its_own_alerts() -> None:
    found = raises([*said(SPORT, False, 30), *said(OIL, True, 1, margin=0.2)], NOW)
    assert (SHARE, OIL) not in found


def test_the_same_verdicts_in_another_order_give_the_same_bars() -> None:
    heard = [*said(SPORT, False, 4), *said(OIL, False, 2), *said(OIL, True, 2, margin=3)]
    assert raises(heard[::-1], NOW) == pytest.approx(raises(heard, NOW))


def test_without_verdicts_no_bar_is_raised() -> None:
    assert raises([], NOW) == {}
