"""What the simulated streams are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alerts.bench import nuisances, regimes
from alerts.bench.regimes import REGIMES, Regime
from alerts.bench.streams import BURN_IN, EVERY, Block, Plan, Purpose, block
from alerts.bench.windows import ago, learned_share, rolling

PLAIN = Regime("plain", "", scatter=0.0, volume_wave=0.0, clumping=0.01)


def drawn(regime: Regime, purpose: Purpose = "measure", streams: int = 40, weeks: int = 2) -> Block:
    return block(Plan(regime, purpose, streams, weeks, seed=5))


def test_volume_and_share_are_those_of_the_regime() -> None:
    quiet = drawn(PLAIN)
    assert quiet.n.mean() == pytest.approx(6, rel=0.02)
    assert quiet.y.sum() / quiet.n.sum() == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize("rho", [0.0, 0.05, 0.2])
def test_stories_of_one_hour_are_as_alike_as_the_regime_says(rho: float) -> None:
    one = drawn(replace(PLAIN, volumes=(20.0,), rho=rho))
    spread = (one.y - one.n * 0.25) ** 2 / (0.25 * 0.75)
    pairs = (one.n * (one.n - 1)).sum()
    assert (spread - one.n).sum() / pairs == pytest.approx(rho, abs=0.005)


def test_the_same_plan_draws_the_same_streams_and_another_purpose_others() -> None:
    block.cache_clear()
    first = drawn(PLAIN)
    block.cache_clear()
    assert np.array_equal(first.y, drawn(PLAIN).y)
    assert not np.array_equal(first.y, drawn(PLAIN, "calibrate").y)


def test_alarms_are_counted_after_the_burn_in_only() -> None:
    quiet = drawn(PLAIN)
    assert not quiet.counted[:BURN_IN].any()
    assert quiet.stream_weeks == 80


def test_a_shift_multiplies_the_odds_for_three_days() -> None:
    one = drawn(replace(PLAIN, volumes=(50.0,)), "shift", streams=96, weeks=1)
    t = np.arange(len(one.n))[:, None]
    during = (t >= one.onset) & (t < one.onset + 72)
    after = (t >= one.onset + 72) & (t < one.onset + 140)
    assert one.shifted[during] == pytest.approx(0.5)
    assert one.y[during].sum() / one.n[during].sum() == pytest.approx(0.5, abs=0.01)
    assert one.y[after].sum() / one.n[after].sum() == pytest.approx(0.25, abs=0.01)
    assert set(one.onset - BURN_IN) == set(range(24))


def test_no_alarm_is_allowed_without_three_negatives_in_a_day() -> None:
    thin = drawn(replace(PLAIN, volumes=(0.2,)))
    assert np.array_equal(thin.allowed, rolling(thin.y, 24) > 2.5)
    assert 0 < thin.allowed.mean() < 0.5


def since(hours: int, start: int) -> np.ndarray:
    t = np.arange(hours)[:, None]
    return np.where(t >= start, t - start, -1)


def test_an_outage_is_silence_and_then_all_at_once() -> None:
    happened = np.arange(1, 41)[:, None]
    n, y = nuisances.disturb(
        "outage", happened, happened // 2, since(40, 10), np.random.default_rng(0)
    )
    assert not n[10:22].any()
    assert n[22] == happened[10:23].sum()
    assert (n.sum(), y.sum()) == (happened.sum(), (happened // 2).sum())


def test_one_story_in_25_copies_counts_once_and_for_every_copy_that_passes_as_new() -> None:
    quiet = np.zeros((30, 4000), dtype=np.int64)
    hours = np.repeat(since(30, 10), 4000, axis=1)
    n, y = nuisances.disturb("one_story", quiet, quiet, hours, np.random.default_rng(0))
    assert np.array_equal(n, y)
    assert n.sum(axis=0).mean() == pytest.approx(1 + 24 * nuisances.LEAK, abs=0.1)
    assert not n[13:].any()


def test_syndication_adds_copies_of_good_and_bad_stories_alike() -> None:
    n = np.full((24, 2000), 20)
    y = np.full((24, 2000), 5)
    hours = np.repeat(since(24, 0), 2000, axis=1)
    more, bad = nuisances.disturb("syndication", n, y, hours, np.random.default_rng(0))
    assert more.mean() == pytest.approx(20 * (1 + 0.3 * 5 * nuisances.LEAK), rel=0.01)
    assert bad.sum() / more.sum() == pytest.approx(0.25, abs=0.002)


def test_a_burst_and_a_holiday_change_the_volume_and_not_the_share() -> None:
    for name, factor in (("burst", 4.0), ("holiday", 1 / 7)):
        one = drawn(replace(PLAIN, volumes=(40.0,), nuisance=name), streams=60, weeks=2)
        day = one.counted & (rolling(one.counted, 25) < 24.5)  # its first 24 hours
        assert one.n[day].mean() == pytest.approx(40 * factor, rel=0.05)
        assert one.y[day].sum() / one.n[day].sum() == pytest.approx(0.25, abs=0.01)


def test_a_promotion_changes_what_is_observed_in_all_streams_at_once() -> None:
    one = drawn(replace(PLAIN, volumes=(40.0,), nuisance="promotion"), weeks=2)
    (promotion,) = one.promotions
    at = promotion.hour
    before, after = (0.25 * s + 0.75 * f for s, f in nuisances.CHECKPOINTS)
    assert one.share[at - 1] == pytest.approx(before)
    assert one.share[at] == pytest.approx(after)
    assert one.y[at:].sum() / one.n[at:].sum() == pytest.approx(after, abs=0.01)
    past = slice(at - EVERY, at)
    n, y, again, both = promotion.relabelled
    assert np.array_equal((n, y), (one.n[past].sum(axis=0), one.y[past].sum(axis=0)))
    assert again.sum() / n.sum() == pytest.approx(after, abs=0.01)
    assert np.all(both <= np.minimum(y, again))
    assert both.sum() / n.sum() > before * after  # better than by chance


def test_in_a_nuisance_regime_only_weeks_with_the_nuisance_are_counted() -> None:
    one = drawn(regimes.named("burst"), weeks=6)
    assert one.stream_weeks == 40 * 3


def test_every_regime_has_a_name_of_its_own_and_a_line() -> None:
    assert len({r.name for r in REGIMES}) == len(REGIMES) >= 20
    assert all(r.about for r in REGIMES)
    with pytest.raises(ValueError, match="volume-6"):
        regimes.named("nowhere")


def test_a_learned_share_lags_by_a_day_and_forgets() -> None:
    n = np.full((2000, 1), 10)
    y = np.where(np.arange(2000)[:, None] < 1000, 2, 8)
    known = learned_share(n, y)
    assert known[1000 + 23] == pytest.approx(known[999], abs=0.005)
    assert known[1000 + 24 + 14 * 24] == pytest.approx(0.5, abs=0.05)


def test_ago_looks_back_by_rows() -> None:
    assert ago(np.array([[1.0], [2.0], [3.0]]), 2).ravel().tolist() == [0, 0, 1]
