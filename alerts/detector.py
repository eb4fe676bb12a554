"""A mixture Shiryaev–Roberts e-detector on negative shares, for K streams at once.

Notation is that of Shin, Ramdas and Rinaldo, "E-detectors" (NEJSDS, 2024): in bin t a stream
has n stories, y of them negative, against a baseline share q0 with dispersion ρ. For every
odds ratio θ

    q_θ = θ q0 / (1 − q0 + θ q0),   m = 1/ρ − 1
    ℓ_θ(t) = ln BetaBin(y; n, q_θ m, (1−q_θ) m) − ln BetaBin(y; n, q0 m, (1−q0) m)
    M_θ(t) = (w_θ + M_θ(t−1)) e^{ℓ_θ(t)},   M = mean over θ,   alarm at M ≥ A
    S_θ(t) = max(0, S_θ(t−1) + ℓ_θ(t))

Under the null E[M(t)] ≤ t and so E[bins to a false alarm] ≥ A, whatever the volume does.
A bin without stories changes nothing: with ℓ = 0 in the recursion M would gain 1 from silence.
The w_θ, of mean 1, stand for a change that begins in this bin (`alerts.stakes`); those of empty
bins are paid out at the next bin with stories instead, g bins after the last one:
M_θ ← (g w_θ + M_θ) e^{ℓ_θ}. Given that there are stories the ratio still has mean 1, so M(t) ≤ t
holds on average in bins of the clock, and a thin stream does not pay for hours in which nothing
was said. g is at most MOST_RESTARTS.

An open bin may be looked at as often as one likes. Within a bin the likelihood ratio of the
stories so far is a martingale too (the beta-binomial is the Pólya urn, drawn one story at a
time), so a look at (w_θ + M_θ(t−1)) e^{ℓ_θ(so far)} spends nothing of the promise.

What a bin far above A would waste is given back below it (`alerts.overshoot`), when it closes. q0
is that of the part of the week (`alerts.seasons`): nights worse than days are no rise.

S is the CUSUM of the same evidence. It says where a rise began, when it is over, and when to
stop learning: freezing the baseline on M itself would break the promise, since under the null
E[M(t)] = t and a quiet stream crosses √A in time; learning would then depend on the evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alerts import baseline as base
from alerts import overshoot, wander
from alerts.baseline import Baseline, Counts, Floats, Mask, Rows
from alerts.evidence import blank_since, highest, largest, log_mean, reset
from alerts.kin import NONE, Kin
from alerts.likelihood import log_ratios
from alerts.memory import Usual, remember, stray
from alerts.seasons import DAY
from alerts.stakes import stakes
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
    told_share: Floats  # q0 of streams with stories; NaN of others: hardly anybody asks
    usual: Usual  # what it was judged against
    s_max: Floats
    onset: NDArray[np.int64]  # first bin of the rise, by the largest S_θ
    odds: NDArray[np.int64]  # index of the θ with the largest S_θ
    log_threshold: Floats  # ln A
    new_level: Mask  # frozen for as long as allowed: what was a rise is now the baseline

    @property
    def share(self) -> Floats:
        """q0 of all streams, with stories or without."""
        return self.usual.share

    @property
    def rho(self) -> Floats:
        return self.usual.rho

    def share_of(self, k: int) -> float:
        """q0 of stream k."""
        share = float(self.told_share[k])
        return float(self.share[k]) if math.isnan(share) else share


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
    kin: Kin = NONE,
) -> tuple[DetectorState, Judged]:
    """Judge bin number t with n (K,) stories, y (K,) of them negative.

    `held`: streams with an open alert. `paused`: streams that miss part of their news; they are
    judged by what they have (the ratio holds for any volume), but their bins are never learned.
    Under an open alert S stops at ln A, so that how bad it was does not delay the news that it
    is over. `log_threshold`: ln A of each stream, (K,); None: equal parts of the budget.
    `provisional`: the bin is still open, and more of its stories may come. `kin`: streams whose
    parent is another than the whole.
    """
    no = np.zeros(state.streams, dtype=np.bool_)
    held, paused = (no if held is None else held), (no if paused is None else paused)
    if log_threshold is None:
        log_threshold = np.full(state.streams, config.log_threshold(state.streams))
    usual, gain = Usual(state, t, config, kin), np.zeros(state.streams)
    share, rows = np.full(state.streams, np.nan), n.nonzero()[0]
    heard = rows[~(held | paused)[rows]]  # no crisis is held against what is usual
    state = stray(state, heard, n[heard], y[heard], t, usual, config.span_bins)
    if len(rows):
        share[rows] = q0 = usual.share_of(rows)
        told = (n[rows], q0, usual.rho[rows])
        ell = log_ratios(told[0], y[rows], *told[1:], config.odds)
        whole, level = ~held[rows] & (not provisional), log_threshold[rows]
        lately = state.ring[rows, :, 0].astype(np.int64)
        stake = stakes(lately, usual.mean[rows], told[2], level, config.odds)
        wealth, part = _wealth(state, rows, stake, t), 1.0 if config.bin >= DAY else 0.5
        boost = overshoot.log_boost(wealth, *told, level, config.odds, whole, part)
        state = _accumulate(state, rows, wealth + boost[:, None], ell, t)
        gain[rows] = largest(ell)
    if np.count_nonzero(held):
        ceiling = np.where(held, log_threshold, np.inf)
        state = replace(state, s=np.minimum(state.s, ceiling[:, None]))
    top = highest(state.s, state.onset)
    suspect = held | (top[0] > log_threshold / 2)
    state, new_level = remember(state, n, y, t, usual, config, suspect, paused)
    if np.count_nonzero(new_level):
        top = highest(state.s, state.onset)
    log_evidence = log_mean(state.log_m)
    return state, Judged(log_evidence, gain, share, usual, *top, log_threshold, new_level)


def _wealth(state: DetectorState, rows: Rows, stake: Floats, t: int) -> Floats:
    """(R, J) ln (g w_θ + M_θ): what bin t begins with in the rows named."""
    seen_at = state.seen_at[rows]
    silence = np.minimum(np.maximum(t - seen_at, 1), MOST_RESTARTS)
    silence = np.where(seen_at < 0, 1, silence)
    return np.asarray(np.logaddexp(np.log(silence[:, None] * stake), state.log_m[rows]))


def _accumulate(
    state: DetectorState, rows: Rows, wealth: Floats, ell: Floats, t: int
) -> DetectorState:
    """The two recursions, M_θ and S_θ, in the rows that saw stories; wealth and ℓ_θ: (R, J)."""
    log_m, s, onset = state.log_m.copy(), state.s.copy(), state.onset.copy()
    seen_at, before = state.seen_at.copy(), s[rows]
    log_m[rows], s[rows] = wealth + ell, np.maximum(0.0, before + ell)
    onset[rows] = np.where((before <= 0) & (s[rows] > 0), t, onset[rows])
    seen_at[rows] = t
    learned = (state.baseline, state.ring, state.pool, state.frozen_at)
    return DetectorState(log_m, s, onset, *learned, seen_at, state.cells, state.wander)


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
        wander=wander.begin_again(state.wander),
        s=np.where(going_on, state.s, fresh.s),
        onset=np.where(going_on, state.onset, fresh.onset),
    )


def forget_since(state: DetectorState, rows: Mask, first: int, t: int) -> DetectorState:
    """Drop what bins `first` to `t` have left to be learned: they missed part of their news."""
    return replace(state, ring=blank_since(state.ring, rows, first, t, 0))
