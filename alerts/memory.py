"""What the detector of shares learns of a bin, and when: late, and nothing under suspicion."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from alerts import baseline as base
from alerts import seasons, wander
from alerts.baseline import EVERY, Baseline, Counts, Floats, Mask, Rows
from alerts.evidence import forget
from alerts.kin import Kin
from alerts.seasons import Cells
from alerts.state import DetectorConfig, DetectorState


def cautious_share(
    state: DetectorState, config: DetectorConfig, kin: Kin, rows: Rows = EVERY
) -> Floats:
    """q0 of the rows named, in a part of the week like any other."""
    strays = wander.allowance(state.wander, config.log_threshold(state.streams))
    return base.expected_share(state.baseline, config.prior, strays, kin, rows)


class Usual:
    """What is expected of bin number t before it is judged; reckoned once, when it is asked for."""

    def __init__(self, state: DetectorState, t: int, config: DetectorConfig, kin: Kin) -> None:
        self._state, self._t, self._config, self.kin = state, t, config, kin

    @cached_property
    def mean(self) -> Floats:
        """(K,) the share as it is known, by the mean of its posterior."""
        return base.mean_share(self._state.baseline, self._config.prior, self.kin)

    @cached_property
    def rho(self) -> Floats:
        """(K,)"""
        return base.dispersion(self._state.baseline, self._config.prior)

    @cached_property
    def likely_rho(self) -> Floats:
        """(K,) ρ without any caution, which would hide how far shares stray."""
        return base.likely_dispersion(self._state.baseline, self._config.prior)

    @cached_property
    def _rhythm(self) -> Floats:
        """(K, 16) by what the share of each part of the week differs."""
        return seasons.factors(self._state.cells, self.mean)

    def rhythm_of(self, t: int) -> Floats:
        """(K,) by what the share differs in bin number t."""
        first, second, near = seasons.between(t, self._config.bin)
        return np.asarray((1 - near) * self._rhythm[:, first] + near * self._rhythm[:, second])

    @cached_property
    def rhythm(self) -> Floats:
        """(K,) the same in this bin."""
        return self.rhythm_of(self._t)

    @property
    def variance(self) -> Floats:
        """(K,) of the share as it is known, in square logits."""
        return base.variance(self._state.baseline, self._config.prior, self.kin)

    @cached_property
    def share(self) -> Floats:
        """(K,) q0"""
        return self.share_of(EVERY)

    def share_of(self, rows: Rows) -> Floats:
        """q0 of the rows named."""
        q0 = cautious_share(self._state, self._config, self.kin, rows)
        return np.asarray(np.clip(q0 * self.rhythm[rows], 0.005, 0.98))

    def mean_of(self, rows: Rows) -> Floats:
        """The share of this bin as it is known, without any caution, of the rows named."""
        mean = self.mean[rows] * self.rhythm[rows]
        return np.asarray(np.clip(mean, 0.005, 0.98))


def stray(
    state: DetectorState, rows: Rows, n: Counts, y: Counts, t: int, usual: Usual, span: int
) -> DetectorState:
    """See how far bin number t strays from what is usual, in the rows named: (R,) counts."""
    strays = state.wander
    if len(n):
        strays = wander.take(strays, rows, n, y, usual.mean_of(rows), usual.likely_rho[rows])
    if t % span == span - 1:
        strays = wander.close(strays, usual.variance)
    return replace(state, wander=strays)


def remember(
    state: DetectorState,
    n: Counts,
    y: Counts,
    t: int,
    usual: Usual,
    config: DetectorConfig,
    suspect: Mask,
    paused: Mask,
) -> tuple[DetectorState, Mask]:
    """Learn the bin that has become old enough, unless the stream is under suspicion.

    Bins that pass while a stream is suspected go to the pool: learned after all when the
    suspicion passes without an alert (leaving them out would bias the baseline down), dropped
    by `reset` after an alert, and learned as the new level when the limit is reached. Bins of a
    paused stream go nowhere. Where nothing is suspected or pooled, as in most bins, what only
    suspicion needs is not reckoned; it would change nothing.
    """
    if np.count_nonzero(paused):
        n, y = np.where(paused, 0, n), np.where(paused, 0, y)
    slot, late, learning = t % config.lag_bins, t - config.lag_bins, ~suspect
    old, ring = state.ring[:, slot].astype(np.int64), state.ring.copy()
    ring[:, slot, 0], ring[:, slot, 1] = np.minimum(n, 65535), np.minimum(y, 65535)
    overdue, frozen_at, pool = suspect, np.full(state.streams, -1, dtype=np.int64), state.pool
    if np.count_nonzero(suspect):
        frozen_at = np.where(suspect, np.where(state.frozen_at < 0, t, state.frozen_at), -1)
        overdue = suspect & (t - frozen_at >= config.freeze_limit / config.bin)
        held_back = _weighed(old[:, 0], old[:, 1], usual.rho) + _weighed(n, y, usual.rho)
        pool = pool + np.where(suspect[:, None], held_back, 0.0)
        ring[suspect, slot], old[suspect] = 0, 0
    known = base.decay(state.baseline, *config.forgetting(), learning & ~paused)
    known, cells = _learn(known, state.cells, old[:, 0], old[:, 1], late, usual, config)
    known = base.cap(known, base.most(usual.mean, config.prior))
    lasted = bool(np.count_nonzero(overdue))
    if lasted or np.count_nonzero(pool[learning]):
        known = _release(known, pool, learning, overdue)
        pool = np.where((learning | overdue)[:, None], 0.0, pool)
    state = DetectorState(
        state.log_m, state.s, state.onset, known, ring, pool, frozen_at, state.seen_at, cells,
        state.wander,
    )  # fmt: skip
    return (forget(state, overdue) if lasted else state), overdue


def _weighed(n: Counts, y: Counts, rho: Floats) -> Floats:
    """(K, 2) what a bin adds to negatives and others."""
    return np.stack(base.weigh(n, y, rho), axis=1)


def _learn(
    known: Baseline,
    cells: Cells,
    n: Counts,
    y: Counts,
    t: int,
    usual: Usual,
    config: DetectorConfig,
) -> tuple[Baseline, Cells]:
    """Take bin number t into the baseline and the cells; rows with n = 0 stay as they are."""
    if not np.count_nonzero(n):
        return known, cells
    at = seasons.cell(t, config.bin)
    negatives, others = base.weigh(n, y, usual.rho)
    expected = usual.mean * (negatives + others)
    cells = seasons.learn(cells, at, negatives, expected, n > 0, config.bin)
    return base.learn(known, n, y, usual.rhythm_of(t), config.prior, usual.kin), cells


def _release(known: Baseline, pool: Floats, learning: Mask, overdue: Mask) -> Baseline:
    """Learn the pool where suspicion has passed or lasted too long.

    A new level is believed four times as much as all that was known before it.
    """
    strength = np.where(overdue, pool.sum(axis=1) / 4, np.inf)
    known = base.cap(known, strength)
    out = (learning | overdue)[:, None] * pool
    return base.add(known, out[:, 0], out[:, 1])
