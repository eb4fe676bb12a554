"""Shares corrected for the errors of labels: right on average, with intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.quantify import Confusion, corrected

S, F = 0.82, 0.07


def matrix(rows: int, s: float = S, f: float = F) -> Confusion:
    """Negative, neutral, positive: as many of each."""
    found, wrong = round(rows * s), round(rows * f)
    other = (wrong, rows - wrong, 0)
    return Confusion(((found, rows - found, 0), other, (wrong, 0, rows - wrong)))


def test_perfect_labels_are_left_as_they_are() -> None:
    found = corrected(300, 1000, matrix(100_000, 1.0, 0.0))
    assert found.share == pytest.approx(0.3, abs=0.002)
    assert found.high - found.low == pytest.approx(2 * 1.645 * np.sqrt(0.3 * 0.7 / 1000), rel=0.05)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.7])
def test_many_stories_and_a_large_matrix_give_back_the_true_share(p: float) -> None:
    said = round(20_000 * (p * S + (1 - p) * F))
    assert corrected(said, 20_000, matrix(20_000)).share == pytest.approx(p, abs=0.01)


def test_few_labels_of_known_truth_widen_the_interval() -> None:
    small, large = (corrected(60, 200, matrix(rows)) for rows in (30, 30_000))
    assert small.high - small.low > 1.2 * (large.high - large.low)


@pytest.mark.parametrize(("said", "stories"), [(0, 50), (50, 50), (0, 0), (3, 3)])
def test_a_share_beyond_what_errors_alone_could_show_stays_between_nothing_and_all(
    said: int, stories: int
) -> None:
    found = corrected(said, stories, matrix(300))
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert found.low < found.high


def test_labels_that_know_nothing_leave_every_share_possible() -> None:
    found = corrected(50, 100, matrix(500, 0.5, 0.5))
    assert found.low < 0.1
    assert found.high > 0.9


@pytest.mark.parametrize(("p", "stories", "rows"), [(0.1, 60, 100), (0.3, 25, 150), (0.6, 200, 60)])
def test_the_interval_holds_the_truth_nine_times_in_ten(p: float, stories: int, rows: int) -> None:
    rng, runs = np.random.default_rng(round(100 * p)), 400
    inside, shares = 0, []
    for _ in range(runs):
        known = Confusion(
            tuple(
                (int(hit), rows - int(hit), 0)
                for hit in (rng.binomial(rows, S), rng.binomial(rows, F), rng.binomial(rows, F))
            )
        )
        said = rng.binomial(stories, p * S + (1 - p) * F)
        found = corrected(int(said), stories, known)
        inside += found.low <= p <= found.high
        shares.append(found.share)
    assert 0.86 <= inside / runs <= 0.94
    assert np.mean(shares) == pytest.approx(p, abs=0.02)


def test_the_share_of_positives_is_corrected_by_its_own_row() -> None:
    counts = ((90, 10, 0), (10, 85, 5), (0, 40, 60))
    found = corrected(150, 1000, Confusion(tuple(tuple(100 * n for n in r) for r in counts), 2))
    assert found.share == pytest.approx((0.15 - 0.025) / (0.6 - 0.025), abs=0.03)
