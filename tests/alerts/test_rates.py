"""What is usual of a count: its rate, its hours, its dispersion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alerts import rates
from alerts.rates import RatePrior, Rates

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRIOR = RatePrior()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_a_cell_is_the_hour_of_a_weekday_or_of_a_weekend() -> None:
    for text, cell in (("2026-11-23T09", 9), ("2026-11-27T23", 23), ("2026-11-28T00", 24)):
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        assert rates.cell((at - EPOCH) // HOUR, HOUR) == cell
    days = [
        rates.cell((datetime(2026, 11, 23, tzinfo=UTC) - EPOCH) // DAY + i, DAY) for i in range(7)
    ]
    assert days == [0, 1, 2, 3, 4, 24, 25]


def learned(volumes: tuple[float, ...], weeks: int, phi: float = 0.0) -> Rates:
    """Rows of which the first is the sum of the others; nights are quiet, weekends quieter."""
    rng, known = np.random.default_rng(4), rates.empty(len(volumes) + 1)
    every = np.ones(len(volumes) + 1, dtype=bool)
    for t in range(weeks * 168):
        known = rates.decay(known, 0.5 ** (1 / 336), every, PRIOR)
        at = rates.cell(t, HOUR)
        mean = np.array(volumes) * (1.5 if at % 24 >= 12 else 0.5) * (0.4 if at >= 24 else 1.0)
        count = rng.poisson(rng.gamma(1 / phi, phi * mean) if phi else mean)
        y = np.array([count.sum(), *count])
        factor = rates.season(known, at, PRIOR)
        known = rates.learn(known, y, at, every, HOUR, PRIOR, factor)
    return known


def test_hours_and_weekends_are_learned_where_there_is_volume() -> None:
    known = learned((20.0, 4.0), weeks=6)
    night, noon, weekend = (rates.season(known, at, PRIOR) for at in (3, 15, 39))
    for row in (0, 1, 2):
        assert noon[row] / night[row] == pytest.approx(3, rel=0.25)
        assert weekend[row] / noon[row] == pytest.approx(0.4, rel=0.25)


def test_a_thin_row_keeps_the_hours_of_the_whole_and_none_of_its_own() -> None:
    known = learned((20.0, 0.05), weeks=6)
    assert not known.cells[2].any()
    assert known.cells[1].any()
    assert rates.season(known, 15, PRIOR)[2] == pytest.approx(rates.season(known, 15, PRIOR)[0])


def test_a_mean_rate_comes_to_what_was_seen_whatever_the_hours() -> None:
    known = learned((6.0,), weeks=6)
    hours = [rates.cell(t, HOUR) for t in range(168)]
    week = sum(rates.mean_rate(known)[1] * rates.season(known, at, PRIOR)[1] for at in hours)
    assert week == pytest.approx(6 * (5 * 24 + 2 * 24 * 0.4), rel=0.06)


@pytest.mark.parametrize("phi", [0.02, 0.2, 0.6])
def test_the_dispersion_is_found_and_rather_over_than_underestimated(phi: float) -> None:
    known = learned((6.0,) * 30, weeks=8, phi=phi)
    found = rates.dispersion(known, PRIOR)[1:]
    assert phi <= np.median(found) <= 1.5 * phi + 0.05


def test_the_rate_tested_against_lies_on_the_safe_side() -> None:
    known = learned((0.5,), weeks=4)
    low, mean, high = (
        rates.safe_rate(known, PRIOR, upper=False),
        rates.mean_rate(known),
        rates.safe_rate(known, PRIOR, upper=True),
    )
    assert np.all(low < mean)
    assert np.all(mean < high)
    assert np.all(high / mean > 1.08)  # however much was seen: rates wander
