"""How far shares stray from what is expected of them, beyond chance: measured and pooled."""

from __future__ import annotations

import numpy as np
import pytest

from alerts import baseline as base
from alerts import wander
from alerts.wander import Wander

STREAMS, DAY = 31, 24
ALL = np.arange(STREAMS)
KNOWN = np.zeros(STREAMS)  # as if of endless counts


def lived(stray: float, days: int = 60, volume: int = 6, rho: float = 0.0) -> Wander:
    """Streams expected at 25 % negative, off by a normal number of logits every day."""
    rng, seen = np.random.default_rng(11), wander.none(STREAMS)
    n = np.full(STREAMS, volume)
    expected, dispersion = np.full(STREAMS, 0.25), np.full(STREAMS, rho)
    for _day in range(days):
        q = 1 / (1 + 3 * np.exp(-stray * rng.standard_normal(STREAMS)))
        for _ in range(DAY):
            here = rng.beta(q * (1 / rho - 1), (1 - q) * (1 / rho - 1)) if rho else q
            y = rng.binomial(n, here)
            seen = wander.take(seen, ALL, n, y, expected, dispersion)
        seen = wander.close(seen, KNOWN)
    return seen


def test_before_anything_is_measured_shares_are_believed_to_stray_by_a_little() -> None:
    assert wander.variance(wander.none(STREAMS)) == pytest.approx(0.08**2)
    assert wander.variance(wander.none(1)) == pytest.approx(0.08**2)


@pytest.mark.parametrize("rho", [0.0, 0.1])
def test_shares_that_stay_where_they_are_expected_are_seen_to_do_so(rho: float) -> None:
    assert wander.variance(lived(0.0, rho=rho)) < 0.06**2


@pytest.mark.parametrize("rho", [0.0, 0.1])
def test_what_shares_stray_by_from_day_to_day_is_found_within_a_fifth(rho: float) -> None:
    assert wander.variance(lived(0.2, rho=rho)) ** 0.5 == pytest.approx(0.2, rel=0.2)


@pytest.mark.parametrize("level", [5.0, 8.4, 12.0])
def test_what_strays_far_is_allowed_for_by_its_square_and_the_more_the_longer_evidence_is_gathered(
    level: float,
) -> None:
    few, much = lived(0.0), lived(0.1)
    found = wander.variance(much)
    assert wander.allowance(few, level) == wander.variance(few)
    assert wander.allowance(much, level) == pytest.approx((found * level / wander.SMALL) ** 2)


def test_what_strays_very_far_is_allowed_for_by_less_than_its_square_and_more_than_itself() -> None:
    far, farther = lived(0.25), lived(0.4)
    more = wander.variance(farther) / wander.variance(far)
    grown = wander.allowance(farther, 8.4) / wander.allowance(far, 8.4)
    assert wander.allowance(far, 8.4) > wander.STEEP * wander.variance(far)
    assert grown == pytest.approx(more**1.5)


def test_streams_that_are_not_named_say_nothing() -> None:
    seen, one, share, rho = lived(0.0, days=3), np.array([4]), np.array([0.25]), np.array([0.05])
    more = wander.take(seen, one, np.array([50]), np.array([40]), share, rho)
    assert more[4, 0] == seen[4, 0] + 27.5
    others = ALL != 4
    assert np.array_equal(more[others], seen[others])


def test_what_few_stories_leave_unknown_is_not_taken_for_wandering() -> None:
    """Days that stray by no more than the baseline itself is unsure of."""
    seen, rng = wander.none(STREAMS), np.random.default_rng(12)
    share, rho, n = np.full(STREAMS, 0.25), np.zeros(STREAMS), np.full(STREAMS, 144)
    off = 1 / (1 + 3 * np.exp(-0.2 * rng.standard_normal((60, STREAMS))))
    for q in off:
        seen = wander.close(wander.take(seen, ALL, n, rng.binomial(n, q), share, rho), KNOWN + 0.04)
    assert wander.variance(seen) < 0.06**2


def test_one_wild_day_moves_the_measure_by_no_more_than_three_deviations() -> None:
    quiet, one = lived(0.0), lived(0.0)
    n, y = np.full(STREAMS, 144), np.where(np.arange(STREAMS) == 4, 144, 36)
    share, rho = np.full(STREAMS, 0.25), np.full(STREAMS, 0.05)
    wild = wander.close(wander.take(one, ALL, n, y, share, rho), KNOWN)
    assert wander.variance(wild) < wander.variance(quiet) + 0.01**2


def test_a_span_that_other_labels_began_is_dropped_and_what_was_measured_is_kept() -> None:
    seen = lived(0.1, days=2)
    n, share = np.full(STREAMS, 6), np.full(STREAMS, 0.25)
    seen = wander.take(seen, ALL, n, n, share, np.full(STREAMS, 0.05))
    assert seen[:, :3].any()
    again = wander.begin_again(seen)
    assert not again[:, :3].any()
    assert wander.variance(again) == wander.variance(seen)


def test_a_share_that_wanders_far_raises_what_is_expected_by_that_many_logits() -> None:
    """A quantile of a beta as wide as that would not keep up."""
    known = base.Baseline(*(np.full(3, each) for each in (60.0, 180.0, 0.0, 0.0)))
    prior, logit = base.Prior(), lambda q: np.log(q / (1 - q))
    near, far = (logit(base.expected_share(known, prior, each)) for each in (0.0, 4.0))
    v = base.variance(known, prior)
    z = (far - near) / (np.sqrt(v + 4.0) - np.sqrt(v))
    assert z == pytest.approx(prior.caution, abs=0.2)
