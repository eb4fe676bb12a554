"""A mixture Shiryaev–Roberts e-detector on counts, for K rows at once: a surge or a silence.

Notation as in `detector`. In bin t a row brings y stories, negative-binomial with mean μ and
variance μ + φμ² while nothing happens, r = 1/φ. For every rate ratio θ

    ℓ_θ(t) = ln NB(y; θμ, φ) − ln NB(y; μ, φ) = y ln(c) + r ln((r + μ) / (r + θμ)),
    c = θ(r + μ) / (r + θμ)
    M_θ(t) = (1 + M_θ(t−1)) e^{ℓ_θ(t)},   M = mean over θ,   alarm at M ≥ A
    S_θ(t) = max(0, S_θ(t−1) + ℓ_θ(t))

Every θ > 1 is a surge, every θ < 1 a silence. An empty bin is evidence here, and the one that a
silence is made of.

The null is composite, and the promise holds over all of it. c^y is convex in y, growing for θ > 1
and falling for θ < 1, so that E[e^ℓ] ≤ 1 for every count that is, in the increasing (θ > 1) or
decreasing (θ < 1) convex order, below NB(μ, φ): a smaller (larger) mean, a smaller dispersion,
Poisson included. Hence μ is an upper (lower) quantile of what was learned and φ an upper one.

A surge may be looked for in an open bin, as often as one likes: ℓ only grows with y, so that no
look says more than the closed bin will. A silence is judged in closed bins only.

A silence cannot be told where hardly anything was ever said. A bin without stories is worth at
most r ln(1 + μ/r) nats, about μ: rows of which two days of nothing at all would not reach the
threshold (with 1 alarm a week in all over 50 rows: fewer than some 6 stories a day) are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from alerts import rates as base
from alerts.count_state import UNKNOWN, CountConfig, CountState, pack, start, unpack
from alerts.evidence import blank_since, forget, highest, largest, log_mean, reset
from alerts.rates import Counts, Floats, Mask, Rates

__all__ = [
    "CountConfig",
    "CountJudged",
    "CountState",
    "detectable",
    "expected_since",
    "forget_since",
    "log_ratios",
    "pack",
    "rebase",
    "reset",
    "start",
    "step",
    "unpack",
]


@dataclass(frozen=True, slots=True)
class CountJudged:
    """What one bin said, (K,) each."""

    log_evidence: Floats  # ln M; −inf where a row is not judged
    gain: Floats  # max over θ of ℓ_θ
    expected: Floats  # μ: what was tested against, on the safe side
    phi: Floats
    s_max: Floats
    onset: NDArray[np.int64]  # first bin of the change, by the largest S_θ
    ratio: NDArray[np.int64]  # index of the θ with the largest S_θ
    log_threshold: Floats  # ln A
    new_level: Mask  # changed for as long as learning may wait: this is the rate now


def log_ratios(y: Counts, mu: Floats, phi: Floats, ratios: tuple[float, ...]) -> Floats:
    """ℓ_θ of bins (K,) for all rate ratios: (K, J)."""
    r, m, (theta, log_theta) = (1 / phi)[:, None], mu[:, None], _with_logs(ratios)
    tilt = np.log((r + m) / (r + theta * m))
    return np.asarray(y[:, None] * (log_theta + tilt) + r * tilt)


@cache
def _with_logs(ratios: tuple[float, ...]) -> tuple[Floats, Floats]:
    """θ and ln θ, (J,) each; read only, since all askers get the same arrays."""
    theta = np.array(ratios)
    log_theta = np.log(theta)
    theta.setflags(write=False)
    log_theta.setflags(write=False)
    return theta, log_theta


def step(
    state: CountState,
    y: Counts,
    t: int,
    config: CountConfig,
    log_threshold: Floats,
    held: Mask | None = None,
    paused: Mask | None = None,
    usable: Mask | None = None,
) -> tuple[CountState, CountJudged]:
    """Judge bin number t with y (K,) stories.

    `held`: rows with an open alert; they do not learn. `paused`: rows that miss part of their
    news: judged, never taught. Not `usable`: rows of which this bin says nothing (nobody was
    listening, or everything came at once): neither, and evidence stays as it is; None: all are
    usable. S stops at ln A, so that how bad it was does not delay the news that it is over.
    """
    no = np.zeros(state.rows, dtype=np.bool_)
    held, paused = (no if held is None else held), (no if paused is None else paused)
    phi = base.dispersion(state.rates, config.prior)
    at = base.cell(t, config.bin)
    factor = base.season(state.rates, at, config.prior)
    mu = np.maximum(base.safe_rate(state.rates, config.prior, config.surge) * factor, 1e-9)
    judged = detectable(state, config, log_threshold, phi) | held
    ell = log_ratios(y, mu, phi, config.ratios)
    state = _accumulate(state, ell, judged, usable, t, log_threshold)
    top = highest(state.s, state.onset)
    suspect = held | (top[0] > log_threshold / 2)
    seasons = {at: factor}
    taught = ~paused if usable is None else ~paused & usable
    state, new_level = _remember(state, y, t, config, suspect, taught, seasons)
    gain = np.where(judged if usable is None else judged & usable, largest(ell), 0.0)
    if np.count_nonzero(new_level):
        top = highest(state.s, state.onset)
    log_evidence = log_mean(state.log_m)
    return state, CountJudged(log_evidence, gain, mu, phi, *top, log_threshold, new_level)


def detectable(state: CountState, config: CountConfig, log_threshold: Floats, phi: Floats) -> Mask:
    """(K,) rows that have been learned for long enough and, for a silence, have volume enough."""
    ready = state.rates.bins >= config.prior.warm_up / config.bin
    if config.surge:
        return np.asarray(ready)
    nats = np.log1p(phi * base.mean_rate(state.rates)) / phi * (config.told_within / config.bin)
    return np.asarray(ready & (nats >= log_threshold + np.log(len(config.ratios))))


def _accumulate(
    state: CountState, ell: Floats, judged: Mask, usable: Mask | None, t: int, ceiling: Floats
) -> CountState:
    """The two recursions, M_θ and S_θ; rows that are not judged begin again when they are."""
    rows = judged[:, None]
    log_m = np.where(rows, np.logaddexp(0.0, state.log_m) + ell, -np.inf)
    s = np.maximum(0.0, state.s + ell) * rows
    if usable is not None:
        same = ~usable[:, None]
        log_m, s = np.where(same, state.log_m, log_m), np.where(same, state.s, s)
    onset = np.where((state.s <= 0) & (s > 0), t, state.onset)
    s = np.minimum(s, ceiling[:, None])
    return CountState(log_m, s, onset, state.rates, state.ring, state.pool, state.frozen_at)


def _remember(
    state: CountState,
    y: Counts,
    t: int,
    config: CountConfig,
    suspect: Mask,
    taught: Mask,
    seasons: dict[int, Floats],
) -> tuple[CountState, Mask]:
    """Learn the bin that has become old enough; the rules of the freeze are the share's.

    `taught` (K,): whether this bin may ever be learned. What came before the change began is
    learned as always, so that a new level is learned from the change alone. `seasons`: s of the
    cells that have been asked of already. Where nothing is suspected or pooled, as in most bins,
    what only suspicion needs is not reckoned; it would change nothing.
    """
    slot, learning, late = t % config.lag_bins, ~suspect, t - config.lag_bins
    old, at = state.ring[:, slot].astype(np.int64), base.cell(late, config.bin)
    if at not in seasons:
        seasons[at] = base.season(state.rates, at, config.prior)
    before, told, frozen_at = learning, old != UNKNOWN, np.full(state.rows, -1, dtype=np.int64)
    overdue, pool = suspect, state.pool
    if np.count_nonzero(suspect):
        frozen_at = np.where(suspect, np.where(state.frozen_at < 0, t, state.frozen_at), -1)
        overdue = suspect & (t - frozen_at >= config.freeze_limit / config.bin)
        before = learning | (late < state.onset[np.arange(state.rows), state.s.argmax(axis=1)])
        now = seasons[base.cell(t, config.bin)]
        pool = pool + _weighed(state, y, now, config, suspect & taught)
        pool = pool + _weighed(state, old, seasons[at], config, suspect & ~before & told)
    ring = state.ring.copy()
    kept, forgetting = taught & learning, 0.5 ** (config.bin / config.half_life)
    ring[:, slot] = np.where(kept, np.minimum(y, UNKNOWN - 1), UNKNOWN)
    known = base.decay(state.rates, forgetting, kept, config.prior)
    known = base.learn(known, old, at, before & told, config.bin, config.prior, seasons[at])
    lasted = bool(np.count_nonzero(overdue))
    if lasted or np.count_nonzero(pool[learning]):
        known = _release(known, pool, learning, overdue)
        pool = np.where((learning | overdue)[:, None], 0.0, pool)
    state = CountState(state.log_m, state.s, state.onset, known, ring, pool, frozen_at)
    return (forget(state, overdue) if lasted else state), overdue


def _weighed(
    state: CountState, y: Counts, factor: Floats, config: CountConfig, rows: Mask
) -> Floats:
    """(K, 2) weighed stories and exposure of a bin of season `factor` in the rows named."""
    mean = base.mean_rate(state.rates) * factor
    weight = np.where(rows, base.weigh(mean, base.dispersion(state.rates, config.prior)), 0.0)
    return np.stack((weight * y, weight * factor), axis=1)


def _release(known: Rates, pool: Floats, learning: Mask, overdue: Mask) -> Rates:
    """Learn the pool where suspicion has passed or lasted too long.

    A new level is believed sixteen times as much as all that was known before it: a feed that
    has gone for good must not be missed twice.
    """
    known = base.cap(known, np.where(overdue, pool[:, 1] / 16, np.inf))
    out = (learning | overdue)[:, None] * pool
    return base.add(known, out[:, 0], out[:, 1])


def rebase(state: CountState, known: Rates, held: Mask) -> CountState:
    """A new checkpoint counts differently: take the rates it would have left, drop the rest.

    Under an open alert (`held`) S goes on, as that of the detector of shares does.
    """
    every = np.ones(state.rows, dtype=np.bool_)
    fresh, going_on = reset(state, every), held[:, None]
    return replace(
        fresh,
        rates=known,
        ring=np.full_like(state.ring, UNKNOWN),
        s=np.where(going_on, state.s, fresh.s),
        onset=np.where(going_on, state.onset, fresh.onset),
    )


def forget_since(state: CountState, rows: Mask, first: int, t: int) -> CountState:
    """Drop what bins `first` to `t` have left to be learned: they missed part of their news."""
    return replace(state, ring=blank_since(state.ring, rows, first, t, UNKNOWN))


def expected_since(state: CountState, first: int, t: int, config: CountConfig) -> Floats:
    """(K,) stories that each row usually brings in bins `first` to `t`."""
    cells = [base.cell(number, config.bin) for number in range(first, t + 1)]
    factors = {at: base.season(state.rates, at, config.prior) for at in set(cells)}
    return np.asarray(base.mean_rate(state.rates) * sum(factors[at] for at in cells))
