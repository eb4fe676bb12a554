"""A mixture Shiryaev–Roberts e-detector on negative shares, for K streams at once.

Notation is that of Shin, Ramdas and Rinaldo, "E-detectors" (NEJSDS, 2024): in bin t a stream
has n stories, y of them negative, against a baseline share q0 with dispersion ρ. For every
odds ratio θ

    q_θ = θ q0 / (1 − q0 + θ q0),   m = 1/ρ − 1
    ℓ_θ(t) = ln BetaBin(y; n, q_θ m, (1−q_θ) m) − ln BetaBin(y; n, q0 m, (1−q0) m)
    M_θ(t) = (1 + M_θ(t−1)) e^{ℓ_θ(t)},   M = mean over θ,   alarm at M ≥ A
    S_θ(t) = max(0, S_θ(t−1) + ℓ_θ(t))

Under the null E[M(t)] ≤ t and so E[bins to a false alarm] ≥ A, whatever the volume does.
A bin without stories changes nothing: with ℓ = 0 in the recursion M would gain 1 from silence.
The 1 stands for a change that begins in this bin; the 1s of empty bins are paid out at the next
bin with stories instead, g bins after the last one: M ← (g + M) e^ℓ. Given that there are
stories the ratio still has mean 1, so M(t) ≤ t holds on average in bins of the clock, and a
thin stream does not pay for hours in which nothing was said. g is at most MOST_RESTARTS.

An open bin may be looked at as often as one likes. Within a bin the likelihood ratio of the
stories so far is a martingale too (the beta-binomial is the Pólya urn, drawn one story at a
time), so a look at (1 + M(t−1)) e^{ℓ_θ(so far)} spends nothing of the promise.

What a bin far above A would waste is given back below it (`alerts.overshoot`), when it closes. q0
is that of the part of the week (`alerts.seasons`): nights worse than days are no rise.

S is the CUSUM of the same evidence. It says where a rise began, when it is over, and when to
stop learning: freezing the baseline on M itself would break the promise, since under the null
E[M(t)] = t and a quiet stream crosses √A in time; learning would then depend on the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alerts import baseline as base
from alerts import overshoot, seasons
from alerts.baseline import Baseline, Counts, Floats, Mask
from alerts.evidence import blank_since, forget, log_mean, reset
from alerts.likelihood import log_ratios
from alerts.seasons import DAY, Cells
from alerts.state import DetectorConfig, DetectorState, pack, start, unpack

__all__ = [
    "DetectorConfig",
    "DetectorState",
    "Judged",
    "forget_since",
    "pack",
    "rebase",
    "reset",
    "start",
    "step",
    "unpack",
]

MOST_RESTARTS = 24  # bins of silence that may begin at the next story


@dataclass(frozen=True, slots=True)
class Judged:
    """What one bin said, (K,) each."""

    log_evidence: Floats  # ln M
    gain: Floats  # max over θ of ℓ_θ; 0 for a bin without stories
    share: Floats  # q0
    rho: Floats
    s_max: Floats
    onset: NDArray[np.int64]  # first bin of the rise, by the largest S_θ
    odds: NDArray[np.int64]  # index of the θ with the largest S_θ
    log_threshold: Floats  # ln A
    new_level: Mask  # frozen for as long as allowed: what was a rise is now the baseline


def step(
    state: DetectorState,
    n: Counts,
    y: Counts,
    t: int,
    config: DetectorConfig,
    held: Mask | None = None,
    paused: Mask | None = None,
    log_threshold: Floats | None = None,
    provisional: bool = False,
) -> tuple[DetectorState, Judged]:
    """Judge bin number t with n (K,) stories, y (K,) of them negative.

    `held`: streams with an open alert. `paused`: streams that miss part of their news; they are
    judged by what they have (the ratio holds for any volume), but their bins are never learned.
    Under an open alert S stops at ln A, so that how bad it was does not delay the news that it
    is over. `log_threshold`: ln A of each stream, (K,); None: equal parts of the budget.
    `provisional`: the bin is still open, and more of its stories may come.
    """
    no = np.zeros(state.streams, dtype=np.bool_)
    held, paused = (no if held is None else held), (no if paused is None else paused)
    if log_threshold is None:
        log_threshold = np.full(state.streams, config.log_threshold(state.streams))
    q0 = base.expected_share(state.baseline, config.prior) * _factor(state, t, config)
    q0 = np.clip(q0, 0.005, 0.98)
    rho = base.dispersion(state.baseline, config.prior)
    ell = log_ratios(n, y, q0, rho, config.odds)
    wealth = _wealth(state, t)
    whole, part = ~held & (not provisional), 1.0 if config.bin >= DAY else 0.5
    boost = overshoot.log_boost(wealth, n, q0, rho, log_threshold, config.odds, whole, part)
    state = _accumulate(state, wealth, boost, ell, n > 0, t)
    ceiling = np.where(held, log_threshold, np.inf)
    state = replace(state, s=np.minimum(state.s, ceiling[:, None]))
    suspect = held | (state.s.max(axis=1) > log_threshold / 2)
    state, new_level = _remember(state, n, y, t, rho, config, suspect, paused)
    return state, _judge(state, ell, n > 0, q0, rho, log_threshold, new_level)


def _factor(state: DetectorState, t: int, config: DetectorConfig) -> Floats:
    """(K,) by what shares usually differ in the part of the week that bin `t` is in."""
    mean = base.mean_share(state.baseline, config.prior)
    return seasons.factor(state.cells, seasons.cell(t, config.bin), mean)


def _wealth(state: DetectorState, t: int) -> Floats:
    """(K, J) ln (g + M_θ): what bin t begins with."""
    silence = np.where(state.seen_at < 0, 1, np.clip(t - state.seen_at, 1, MOST_RESTARTS))
    return np.asarray(np.logaddexp(np.log(silence)[:, None], state.log_m))


def _accumulate(
    state: DetectorState, wealth: Floats, boost: Floats, ell: Floats, seen: Mask, t: int
) -> DetectorState:
    """The two recursions, M_θ and S_θ, in the rows that saw stories."""
    rows = seen[:, None]
    log_m = np.where(rows, wealth + boost[:, None] + ell, state.log_m)
    s = np.where(rows, np.maximum(0.0, state.s + ell), state.s)
    onset = np.where(rows & (state.s <= 0) & (s > 0), t, state.onset)
    seen_at = np.where(seen, t, state.seen_at)
    return replace(state, log_m=log_m, s=s, onset=onset, seen_at=seen_at)


def _remember(
    state: DetectorState,
    n: Counts,
    y: Counts,
    t: int,
    rho: Floats,
    config: DetectorConfig,
    suspect: Mask,
    paused: Mask,
) -> tuple[DetectorState, Mask]:
    """Learn the bin that has become old enough, unless the stream is under suspicion.

    Bins that pass while a stream is suspected go to the pool: learned after all when the
    suspicion passes without an alert (leaving them out would bias the baseline down), dropped
    by `reset` after an alert, and learned as the new level when the limit is reached. Bins of a
    paused stream go nowhere.
    """
    n, y = np.where(paused, 0, n), np.where(paused, 0, y)
    frozen_at = np.where(suspect, np.where(state.frozen_at < 0, t, state.frozen_at), -1)
    overdue = suspect & (t - frozen_at >= config.freeze_limit / config.bin)
    slot = t % config.lag_bins
    old = state.ring[:, slot].astype(np.int64)
    ring = state.ring.copy()
    ring[:, slot, 0] = np.where(suspect, 0, np.minimum(n, 65535))
    ring[:, slot, 1] = np.where(suspect, 0, np.minimum(y, 65535))
    late = np.stack(base.weigh(old[:, 0], old[:, 1], rho), axis=1)
    fresh = np.stack(base.weigh(n, y, rho), axis=1)
    pool = state.pool + np.where(suspect[:, None], late + fresh, 0.0)
    learning = ~suspect
    forgetting = 0.5 ** (config.bin / config.half_life)
    known = base.decay(state.baseline, forgetting, learning & ~paused, config.prior)
    n, y = np.where(learning, old[:, 0], 0), np.where(learning, old[:, 1], 0)
    cells = _learn_season(state, n, y, t - config.lag_bins, rho, config)
    known = base.learn(known, n, y, _factor(state, t - config.lag_bins, config), config.prior)
    known = base.cap(known, np.full(state.streams, config.prior.most))
    known = _release(known, pool, learning, overdue)
    pool = np.where((learning | overdue)[:, None], 0.0, pool)
    state = replace(state, baseline=known, ring=ring, pool=pool, frozen_at=frozen_at, cells=cells)
    return forget(state, overdue), overdue


def _learn_season(
    state: DetectorState, n: Counts, y: Counts, t: int, rho: Floats, config: DetectorConfig
) -> Cells:
    """Take bin number t into the cells; rows with n = 0 stay as they are."""
    share = base.mean_share(state.baseline, config.prior)
    negatives, others = base.weigh(n, y, rho)
    at = seasons.cell(t, config.bin)
    expected = share * (negatives + others)
    return seasons.learn(state.cells, at, negatives, expected, n > 0, config.bin)


def _release(known: Baseline, pool: Floats, learning: Mask, overdue: Mask) -> Baseline:
    """Learn the pool where suspicion has passed or lasted too long.

    A new level is believed four times as much as all that was known before it.
    """
    strength = np.where(overdue, pool.sum(axis=1) / 4, np.inf)
    known = base.cap(known, strength)
    out = (learning | overdue)[:, None] * pool
    return base.add(known, out[:, 0], out[:, 1])


def rebase(state: DetectorState, known: Baseline | None, held: Mask) -> DetectorState:
    """A new checkpoint labels differently: take the baseline it would have left, drop the rest.

    M is never continued across versions. `known` None: nobody can say what it would have left,
    and the old baseline stays as a belief worth at most 100 stories. What the old checkpoint
    labelled and nobody has learned yet is dropped. Under an open alert (`held`) S goes on, so
    that an alert ends when its stream is calm and not because labels have changed.
    """
    if known is None:
        known = base.cap(state.baseline, np.full(state.streams, 100.0))
    every = np.ones(state.streams, dtype=np.bool_)
    fresh, going_on = reset(state, every), held[:, None]
    return replace(
        fresh,
        baseline=known,
        ring=np.zeros_like(state.ring),
        s=np.where(going_on, state.s, fresh.s),
        onset=np.where(going_on, state.onset, fresh.onset),
    )


def forget_since(state: DetectorState, rows: Mask, first: int, t: int) -> DetectorState:
    """Drop what bins `first` to `t` have left to be learned: they missed part of their news."""
    return replace(state, ring=blank_since(state.ring, rows, first, t, 0))


def _judge(
    state: DetectorState,
    ell: Floats,
    seen: Mask,
    q0: Floats,
    rho: Floats,
    log_threshold: Floats,
    new_level: Mask,
) -> Judged:
    best = state.s.argmax(axis=1)
    rows = np.arange(state.streams)
    return Judged(
        log_evidence=log_mean(state.log_m),
        gain=np.where(seen, ell.max(axis=1), 0.0),
        share=q0,
        rho=rho,
        s_max=state.s[rows, best],
        onset=state.onset[rows, best],
        odds=best,
        log_threshold=log_threshold,
        new_level=new_level,
    )
