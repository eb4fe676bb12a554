"""How a share runs through the week: learned where it is more than chance, and only there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from alerts import seasons
from alerts.seasons import Cells

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEK = 168
SHARE = 0.3


def lived(stories: tuple[int, ...], swing: tuple[float, ...], weeks: int = 8) -> Cells:
    """Streams with so many stories an hour, whose share swings by so much over the day."""
    rng, cells = np.random.default_rng(3), seasons.none(len(stories))
    n = np.array(stories)
    for t in range(weeks * WEEK):
        q = SHARE * (1 + np.array(swing) * np.sin(2 * np.pi * t / 24))
        y = rng.binomial(n, q).astype(np.float64)
        at = seasons.cell(t, HOUR)
        cells = seasons.learn(cells, at, y, SHARE * n.astype(np.float64), n > 0, HOUR)
    return cells


def factors(cells: Cells) -> np.ndarray:
    """(16, K)"""
    return seasons.factors(cells, np.full(len(cells), SHARE)).T


def test_a_bin_falls_into_its_part_of_the_day_on_weekdays_or_the_weekend() -> None:
    def cell(text: str, width: timedelta) -> int:
        return seasons.cell((datetime.fromisoformat(text) - EPOCH) // width, width)

    assert cell("2031-03-03T00:30Z", HOUR) == 0  # a Monday
    assert cell("2031-03-07T23:00Z", HOUR) == 7
    assert cell("2031-03-08T02:00Z", HOUR) == 8  # a Saturday
    assert [cell(f"2031-03-0{day}T00:00Z", DAY) for day in (3, 8, 9)] == [0, 5, 6]


def test_a_stream_with_volume_is_taught_its_own_rhythm() -> None:
    found = factors(lived((40, 20), (0.0, 0.5)))
    morning, night = seasons.cell(6, HOUR), seasons.cell(18, HOUR)
    assert found[morning, 1] > 1.35
    assert found[night, 1] < 0.65
    assert np.abs(found[:, 0] - 1).max() < 0.1


def test_chance_teaches_no_rhythm() -> None:
    assert np.abs(factors(lived((20, 4, 2), (0.0, 0.0, 0.0))) - 1).max() < 0.05


def test_a_thin_stream_takes_after_all_news_and_learns_nothing_of_its_own() -> None:
    cells = lived((40, 1), (0.4, -0.4), weeks=2)
    cells[1, :, 1] *= 0.1
    cells[1, :, 0] *= 0.1  # 34 stories: too few to be heard
    whole, thin = (factors(cells) - 1).T
    assert thin @ whole > 0.3 * (whole @ whole)


def test_a_stream_that_runs_against_all_news_is_not_taught_their_rhythm() -> None:
    found = factors(lived((40, 10), (0.4, -0.4)))
    morning = seasons.cell(6, HOUR)
    assert found[morning, 0] > 1.2
    assert found[morning, 1] < 0.9


def test_without_news_every_part_of_the_week_is_like_any_other() -> None:
    assert np.all(factors(seasons.none(3)) == 1)
