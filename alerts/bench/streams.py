"""Simulated streams: hours × streams of stories and negatives, and the truth behind them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from alerts.bench import nuisances
from alerts.bench.regimes import Regime
from alerts.bench.windows import DAY, WEEK, Counts, Floats, Mask, rolling

BURN_IN = 6 * WEEK  # in which baselines are learned and nothing is counted
SHIFT = 72  # hours that a shift lasts
EVERY = 2 * WEEK  # from one nuisance to the next
MIN_NEGATIVES = 3  # within a day, else no method may alarm: what one alert must show

Purpose = Literal["calibrate", "measure", "shift"]
_SALT = {"calibrate": 1, "measure": 2, "shift": 3}


@dataclass(frozen=True, slots=True)
class Promotion:
    """Another checkpoint begins."""

    hour: int
    relabelled: Counts  # (4, K) stories of the days before, labelled twice: `nuisances.relabelled`


@dataclass(frozen=True, slots=True)
class Block:
    """T hours of K streams that live together; (T, K) unless said otherwise.

    Time begins on a Monday at midnight. What the streams are together is the whole.
    """

    n: Counts
    y: Counts
    share: Floats  # truly expected to be labelled negative when nothing has happened
    shifted: Floats  # the same during the shift that is looked for
    rho: float
    counted: Mask  # hours in which an alarm is a false alarm
    allowed: Mask  # hours in which an alarm may rise at all
    onset: Counts  # (K,) first hour of the shift; T where there is none
    promotions: tuple[Promotion, ...] = ()

    @property
    def stream_weeks(self) -> float:
        return float(self.counted.sum()) / WEEK

    def first(self, streams: int) -> Block:
        """The first few streams only, for methods that cannot take them all."""
        if streams >= self.n.shape[1]:
            return self
        return replace(
            self,
            n=self.n[:, :streams],
            y=self.y[:, :streams],
            share=self.share[:, :streams],
            shifted=self.shifted[:, :streams],
            counted=self.counted[:, :streams],
            allowed=self.allowed[:, :streams],
            onset=self.onset[:streams],
            promotions=tuple(
                replace(each, relabelled=each.relabelled[:, :streams]) for each in self.promotions
            ),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Which block: `purpose` and `number` draw other streams, `seed` all of them."""

    regime: Regime
    purpose: Purpose
    streams: int
    weeks: int  # after the burn-in
    seed: int
    number: int = 0


@lru_cache(maxsize=6)
def block(plan: Plan) -> Block:
    """The block of a plan: the same for whoever asks."""
    regime = plan.regime
    salt = (plan.seed, zlib.crc32(regime.name.encode()), _SALT[plan.purpose], plan.number)
    rng = np.random.default_rng(salt)
    hours = BURN_IN + plan.weeks * WEEK
    starts = _starts(plan, rng)
    since, events = _since(starts, hours)
    never = np.full_like(since, -1)
    share = _quiet_share(regime, hours, plan.streams, rng)
    shift = regime.odds * share / (1 - share + regime.odds * share)
    onset = _onsets(starts, hours, plan.purpose == "shift", rng)
    t = np.arange(hours)[:, None]
    now = np.where((t >= onset) & (t < onset + SHIFT), shift, share)
    labelled = nuisances.observed_share(regime.nuisance, now, since, events)
    volume = _volume(regime, hours, plan.streams)
    volume *= nuisances.volume_factor(regime.nuisance, since)
    n, y = _draw(volume, labelled, regime, rng)
    n, y = nuisances.disturb(regime.nuisance, n, y, since, rng)
    return Block(
        n=n,
        y=y,
        share=nuisances.observed_share(regime.nuisance, share, never, events),
        shifted=nuisances.observed_share(regime.nuisance, shift, never, events),
        rho=regime.rho,
        counted=_counted(regime, since, t),
        allowed=rolling(y, DAY) >= MIN_NEGATIVES,
        onset=onset,
        promotions=_promotions(regime, n, y, now, labelled, starts, rng),
    )


def _promotions(
    regime: Regime,
    n: Counts,
    y: Counts,
    share: Floats,
    labelled: Floats,
    starts: Counts,
    rng: np.random.Generator,
) -> tuple[Promotion, ...]:
    """With what the new checkpoint says of the last two weeks, as far as the old one ruled."""
    if regime.nuisance != "promotion":
        return ()
    hours, found, since = [int(hour) for hour in starts[:, 0]], [], 0
    for event, hour in enumerate(hours, 1):
        past = slice(max(since, hour - EVERY), hour)
        here = (n[past], y[past], share[past], labelled[past])
        found.append(Promotion(hour, nuisances.relabelled(*here, event, rng)))
        since = hour
    return tuple(found)


def _starts(plan: Plan, rng: np.random.Generator) -> Counts:
    """(E, K) hours in which nuisances begin; a checkpoint goes live for all streams at once."""
    if not plan.regime.nuisance:
        return np.empty((0, plan.streams), dtype=np.int64)
    first = BURN_IN + EVERY * np.arange(max(1, plan.weeks * WEEK // EVERY))
    within = EVERY - WEEK if plan.purpose != "shift" else DAY
    offset = rng.integers(0, within, (len(first), plan.streams))
    if plan.regime.nuisance == "promotion":
        offset[:] = offset[:, :1]
    return np.asarray(first[:, None] + offset)


def _since(starts: Counts, hours: int) -> tuple[Counts, Counts]:
    """Hours since the last nuisance began (−1 before the first), and how many have begun."""
    since = np.full((hours, starts.shape[1]), -1, dtype=np.int64)
    events = np.zeros_like(since)
    t = np.arange(hours)[:, None]
    for row in starts:
        since = np.where(t >= row, t - row, since)
        events += t >= row
    return since, events


def _counted(regime: Regime, since: Counts, t: Counts) -> Mask:
    if regime.nuisance:
        return np.asarray((since >= 0) & (since < WEEK))
    return np.broadcast_to(t >= BURN_IN, since.shape)


def _onsets(starts: Counts, hours: int, shifting: bool, rng: np.random.Generator) -> Counts:
    """(K,) A day's hours in turn; with a nuisance: within its first three days."""
    streams = starts.shape[1]
    if not shifting:
        return np.full(streams, hours)
    if len(starts):
        return np.asarray(starts[0] + rng.integers(0, SHIFT, streams))
    return np.asarray(BURN_IN + np.arange(streams) % DAY)


def _quiet_share(regime: Regime, hours: int, streams: int, rng: np.random.Generator) -> Floats:
    t = np.arange(hours)[:, None]
    logit = np.log(regime.share / (1 - regime.share)) + regime.scatter * rng.standard_normal(
        streams
    )
    logit = logit + regime.share_wave * np.sin(2 * np.pi * t / DAY + 1)
    logit = logit + regime.share_weekend * _is_weekend(t)
    if regime.drift:
        steps = regime.drift / np.sqrt(7) * rng.standard_normal((hours // DAY + 1, streams))
        logit = logit + np.repeat(np.cumsum(steps, axis=0), DAY, axis=0)[:hours]
    return np.asarray(1 / (1 + np.exp(-logit)))


def _is_weekend(t: Counts) -> Mask:
    return np.asarray(t // DAY % 7 >= 5)


def _volume(regime: Regime, hours: int, streams: int) -> Floats:
    t = np.arange(hours)[:, None]
    day = 1 + regime.volume_wave * np.sin(2 * np.pi * t / DAY)
    week = np.where(_is_weekend(t), regime.weekend, 1.0)
    mean = (5 + 2 * regime.weekend) / 7
    return np.asarray(np.resize(np.array(regime.volumes), streams) * day * week / mean)


def _draw(
    volume: Floats, share: Floats, regime: Regime, rng: np.random.Generator
) -> tuple[Counts, Counts]:
    """Negative binomial stories, beta-binomial negatives."""
    size = 1 / regime.clumping
    n = rng.poisson(volume * rng.gamma(size, 1 / size, volume.shape))
    if regime.rho > 0:
        m = 1 / regime.rho - 1
        share = rng.beta(share * m, (1 - share) * m)
    return n, rng.binomial(n, share)
