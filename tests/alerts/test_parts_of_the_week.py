"""Between the middles of two parts of the day a share goes from the one to the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import seasons

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = 4 * 24  # 1970 began on a Thursday


@pytest.mark.parametrize(
    ("hour", "first", "second", "near"),
    [
        (MONDAY + 1, 0, 1, 0.0),  # its middle, half past one, is that of the part itself
        (MONDAY + 2, 0, 1, 1 / 3),
        (MONDAY + 3, 0, 1, 2 / 3),
        (MONDAY + 4, 1, 2, 0.0),
        (MONDAY, 15, 0, 2 / 3),  # Sunday's evening
        (MONDAY + 24, 7, 0, 2 / 3),  # Monday's evening
        (MONDAY + 5 * 24 - 1, 7, 8, 1 / 3),  # Friday's evening, Saturday's night
    ],
)
def test_an_hour_lies_between_the_middles_of_two_parts(
    hour: int, first: int, second: int, near: float
) -> None:
    assert seasons.between(hour, HOUR) == (first, second, pytest.approx(near))


def test_a_bin_as_wide_as_a_part_is_that_part() -> None:
    width = timedelta(hours=3)
    for number in range(56):
        assert seasons.between(number, width)[0] == seasons.cell(number, width)
        assert seasons.between(number, width)[2] == 0


def test_days_are_the_days_of_the_week() -> None:
    assert [seasons.between(day, DAY) for day in (0, 4)] == [(3, 3, 0.0), (0, 0, 0.0)]
