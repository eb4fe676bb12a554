"""Publishers' dates: each line is a form that real feeds use, or a fault that they had."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dates import read_date

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tue, 17 Feb 2026 18:35:06 +0000", "2026-02-17T18:35:06"),
        ("Tue, 17 Feb 2026 15:19:09 -0500", "2026-02-17T20:19:09"),
        ("Tue, 17 Feb 2026 17:29:02 EST", "2026-02-17T22:29:02"),
        ("Sun, 08 Mar 2026 22:16 GMT", "2026-03-08T22:16:00"),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05"),
        ("17 Feb 26 10:00 Z", "2026-02-17T10:00:00"),
        ("Tue, 17 Feb 2026 23:59:60 GMT", "2026-02-17T23:59:59"),
        ("Mi, 18 Feb 2026 10:00:00 +0100", "2026-02-18T09:00:00"),
        ("2026-02-17T17:01:40-0500", "2026-02-17T22:01:40"),
        ("2026-02-17T10:00:00.123456+00:00", "2026-02-17T10:00:00"),
        ("2026-02-17", "2026-02-17T00:00:00"),
        ("20260217T101112Z", "2026-02-17T10:11:12"),
        ("2016/6/29 15:07:41", "2016-06-29T15:07:41"),
        ("2024年07月08日 23:56", "2024-07-08T23:56:00"),
        ("February 17, 2026 10:01 PM EST", "2026-02-18T03:01:00"),
        ("Wednesday, February 18, 2026 - 09:30", "2026-02-18T09:30:00"),
        ("Tue Feb 17 10:11:12 EST 2026", "2026-02-17T15:11:12"),
        ("1719000000", "2024-06-21T20:00:00"),
        ("1719000000000", "2024-06-21T20:00:00"),
        ("13/04/2026 10:00", "2026-04-13T10:00:00"),
    ],
)
def test_a_form_that_real_feeds_use_is_read_to_the_second(raw: str, expected: str) -> None:
    assert read_date(raw, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "Monday",
        "10:30",
        "2026",
        "2026-02-30",
        "Tue, 17 Feb 2026 25:00:00 GMT",
        "03/04/2026 10:00",  # March or April
        "Tue, 17 Feb 2026 10:11:12 XYZ",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0",
        "2099-01-01T00:00:00Z",
        "Wed, 25 Nov 2026 12:00:00 GMT",  # two days ahead
        "x" * 10_000,
    ],
)
def test_what_is_unreadable_ambiguous_or_implausible_is_no_date(raw: str) -> None:
    assert read_date(raw, NOW) is None


def test_letters_that_mean_two_zones_never_put_an_article_into_the_future() -> None:
    chicago = read_date("Mon, 23 Nov 2026 05:30:00 CST", NOW)
    china = read_date("Mon, 23 Nov 2026 19:30:00 CST", NOW)
    assert chicago == china == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


def test_the_feeds_own_zone_decides_for_times_without_one_and_for_its_letters() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert read_date("2026-11-23 10:00:00", NOW, shanghai) == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert read_date("Mon, 23 Nov 2026 04:00:00 CST", NOW, shanghai) == datetime(
        2026, 11, 22, 20, tzinfo=UTC
    )
    assert read_date("2026-11-23 10:00:00", NOW, None) is None


def test_a_date_up_to_a_day_ahead_is_a_wrong_zone_and_kept() -> None:
    assert read_date("2026-11-24T11:00:00Z", NOW) == datetime(2026, 11, 24, 11, tzinfo=UTC)


@given(st.text(max_size=60))
def test_no_text_makes_reading_a_date_fail(raw: str) -> None:
    moment = read_date(raw, NOW)
    assert moment is None or moment.tzinfo is UTC
