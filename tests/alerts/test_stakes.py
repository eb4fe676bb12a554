"""What each odds ratio is staked with: dealt by what a stream could tell in time, 1 in the mean."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.stakes import stakes

ODDS = (1.5, 2.0, 3.0, 5.0)


def dealt(stories_an_hour: float, share: float = 0.25, rho: float = 0.05) -> np.ndarray:
    """(J,) of a stream whose last day had about so many stories an hour."""
    day = np.random.default_rng(5).poisson(stories_an_hour, (1, 24))
    return stakes(day, np.array([share]), np.array([rho]), np.array([8.4]), ODDS)[0]


@pytest.mark.parametrize("volume", [0.0, 0.2, 1.5, 6.0, 50.0])
def test_stakes_are_one_in_the_mean_so_that_the_promise_stands(volume: float) -> None:
    assert dealt(volume).mean() == pytest.approx(1)
    assert (dealt(volume) > 0).all()


def test_a_thin_stream_stakes_on_what_it_could_tell_in_three_days() -> None:
    thin = dealt(0.2)
    assert (np.diff(thin) > 0).all()
    assert thin[-1] > 2
    assert thin[0] < 0.3


def test_a_thick_stream_stakes_on_all_alike() -> None:
    assert dealt(50.0) == pytest.approx(np.ones(4), abs=0.05)


def test_stories_that_repeat_one_another_tell_less() -> None:
    assert dealt(6.0, rho=0.5)[0] < 0.7 * dealt(6.0, rho=0.01)[0]
