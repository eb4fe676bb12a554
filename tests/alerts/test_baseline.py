"""The baseline: what is learned of share and dispersion, and how cautiously it is used."""

from __future__ import annotations

import numpy as np

from alerts import baseline as base
from alerts.baseline import Baseline, Counts, Prior

PRIOR = Prior()


def learn(known: Baseline, n: Counts, y: Counts) -> Baseline:
    """A bin of a part of the week that is like any other."""
    return base.learn(known, n, y, np.ones(len(n)), PRIOR)


def learned(share: float, stories: int, bins: int, rho: float = 0.0, seed: int = 1) -> Baseline:
    """Two streams alike, row 0 being the whole."""
    rng = np.random.default_rng(seed)
    known = base.empty(2)
    for _ in range(bins):
        q = rng.beta(share * (1 / rho - 1), (1 - share) * (1 / rho - 1)) if rho else share
        y = rng.binomial(stories, q)
        known = learn(known, np.array([stories] * 2), np.array([y] * 2))
    return known


def test_the_share_tested_against_comes_down_to_the_truth_as_counts_come_in() -> None:
    few = base.expected_share(learned(0.3, 4, 5), PRIOR, 0.0)
    many = base.expected_share(learned(0.3, 4, 2000), PRIOR, 0.0)
    assert base.expected_share(base.empty(2), PRIOR, 0.0)[1] > few[1] > many[1]
    assert 0.3 <= many[1] < 0.33


def test_where_shares_wander_the_share_tested_against_is_higher() -> None:
    known = learned(0.3, 4, 2000)
    calm = base.expected_share(known, PRIOR, 0.05**2)
    assert (base.expected_share(known, PRIOR, 0.2**2) > calm + 0.01).all()


def test_where_little_is_negative_more_stories_are_remembered() -> None:
    at = base.most(np.array([0.08, 0.25, 0.5]), PRIOR)
    assert at[0] > 2 * PRIOR.most
    assert at[1] == at[2] == PRIOR.most


def test_a_stream_without_counts_takes_after_its_parent() -> None:
    known = learn(base.empty(2), np.array([500, 0]), np.array([300, 0]))
    known = learn(known, np.array([500, 0]), np.array([300, 0]))
    a, b = base.posterior(known, PRIOR)
    assert abs(a[1] / (a[1] + b[1]) - base.parent_share(known, PRIOR)) < 1e-12


def test_dispersion_is_found_where_it_is_and_never_below_the_floor() -> None:
    calm = base.dispersion(learned(0.3, 20, 800), PRIOR)
    wild = base.dispersion(learned(0.3, 20, 800, rho=0.15), PRIOR)
    assert calm[1] < 0.035
    assert 0.11 < wild[1] < 0.2
    assert base.dispersion(learned(0.3, 200, 5000), PRIOR)[1] >= PRIOR.dispersion_floor


def test_one_odd_bin_does_not_move_the_dispersion_much() -> None:
    known = learned(0.3, 20, 800)
    before = base.dispersion(known, PRIOR)[1]
    after = learn(known, np.array([20, 20]), np.array([20, 20]))
    assert base.dispersion(after, PRIOR)[1] < before + 0.01


def test_stories_of_one_crowded_bin_teach_less_than_the_same_number_spread_out() -> None:
    crowded = learn(base.empty(1), np.array([60]), np.array([20]))
    spread = base.empty(1)
    for _ in range(60):
        spread = learn(spread, np.array([1]), np.array([1]))
    assert crowded.negatives[0] + crowded.others[0] < 15
    assert spread.negatives[0] == 60


def test_half_of_a_baseline_is_forgotten_in_a_half_life() -> None:
    known = learned(0.3, 4, 50)
    half = known
    for _ in range(10):
        half = base.decay(half, 0.5**0.1, 1.0, np.array([True, False]))
    assert np.isclose(half.negatives[0], known.negatives[0] / 2)
    assert half.negatives[1] == known.negatives[1]


def test_a_part_of_the_week_that_is_usually_worse_teaches_no_higher_level() -> None:
    known = base.empty(1)
    for _ in range(200):
        known = base.learn(known, np.array([10]), np.array([4]), np.array([1.6]), PRIOR)
        known = base.learn(known, np.array([10]), np.array([1]), np.array([0.4]), PRIOR)
    assert np.isclose(known.negatives[0] / (known.negatives[0] + known.others[0]), 0.25)
