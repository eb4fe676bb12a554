"""Surges and silences: alarms per promised alarm, hours to detection, time per update.

    python tests/bench/bench_counts.py [--weeks N] [--delays] [--speed]

Stories come negative-binomial with a daily wave and quiet weekends; their negatives are
beta-binomial within the bin. Promise: one alarm a stream in 26 weeks, in each of the companions.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alerts import counts
from alerts.count_state import SILENCE, SURGE, CountConfig

WEEK = 168
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Regime:
    name: str
    volume: float  # stories an hour and stream
    phi: float = 0.0  # of the stories of an hour: Var = μ + φμ²
    rho: float = 0.0  # of their sentiments
    wave: float = 0.6  # amplitude of the day
    weekend: float = 0.4  # volume of a weekend's hour against a weekday's
    busy: float = 0.0  # sd of a whole day's log volume: news days that no hour model knows
    shifted: float = 0.0  # hours by which a stream's day lags the whole's, at most
    streams: int = 150
    share: float = 0.25


REGIMES = (
    *(
        Regime(f"{volume:g}/h phi {phi:g} rho {rho:g}", volume, phi, rho)
        for volume in (0.2, 1.5, 6.0, 20.0)
        for phi, rho in ((0.0, 0.0), (0.05, 0.05), (0.2, 0.2))
    ),
    Regime("6/h other hours", 6.0, 0.05, 0.05, shifted=8.0),
    Regime("1.5/h other hours", 1.5, 0.05, 0.05, shifted=8.0),
    Regime("6/h busy days .2", 6.0, 0.05, 0.05, busy=0.2),
)


class News:
    """Draws the hours of a regime; the first stream is the sum of the others."""

    def __init__(self, regime: Regime, seed: int) -> None:
        self.regime, self.rng = regime, np.random.default_rng(seed)
        self.level = np.exp(0.3 * self.rng.standard_normal(regime.streams))
        self.lag = self.rng.uniform(0, regime.shifted or 1e-9, regime.streams)
        self.today = np.ones(regime.streams)

    def hour(self, t: int, factor: float = 1.0) -> tuple[Integers, Integers]:
        """Stories and negatives, (K,) each, of hour t since 1970-01-01, a Thursday."""
        regime, rng = self.regime, self.rng
        if t % 24 == 0:
            self.today = np.exp(regime.busy * rng.standard_normal(regime.streams))
        wave = 1 + regime.wave * np.sin(2 * np.pi * (t - self.lag) / 24)
        quiet = regime.weekend if (t // 24 + 3) % 7 >= 5 else 1.0
        mean = regime.volume * self.level * wave * quiet * self.today * factor
        if regime.phi:
            mean = rng.gamma(1 / regime.phi, regime.phi * mean)
        n = rng.poisson(mean)
        q = np.full(regime.streams, regime.share)
        if regime.rho:
            m = 1 / regime.rho - 1
            q = rng.beta(q * m, (1 - q) * m)
        y = rng.binomial(n, q)
        n[0], y[0] = n[1:].sum(), y[1:].sum()
        return n, y


class Life:
    """Rows with their alerts: raised at the threshold, closed when calm."""

    def __init__(self, rows: int, ratios: tuple[float, ...], weeks: float = 26) -> None:
        self.config = CountConfig(ratios, rows / weeks)
        self.level = np.full(rows, np.log(weeks * WEEK))
        self.state = counts.start(rows, self.config)
        self.held = np.zeros(rows, dtype=bool)
        self.last_day = np.zeros((24, rows), dtype=np.int64)

    def hour(self, t: int, y: Integers) -> Flags:
        self.last_day[t % 24] = y
        self.state, judged = counts.step(self.state, y, t, self.config, self.level, self.held)
        alarm = ~self.held & (judged.log_evidence >= self.level) & (judged.gain > 0)
        if self.config.surge:
            alarm &= self.last_day.sum(axis=0) >= 3
        self.held |= alarm
        self.close(self.held & (judged.s_max < self.level / 2))
        return alarm

    def close(self, rows: Flags) -> None:
        self.state, self.held = counts.reset(self.state, rows), self.held & ~rows


def ratio(alarms: int, stream_weeks: float) -> str:
    """Measured rate per promised rate with its exact Poisson interval."""
    promised = stream_weeks / 26
    low = chi2.ppf(0.025, 2 * alarms) / 2 if alarms else 0.0
    high = chi2.ppf(0.975, 2 * alarms + 2) / 2
    return f"{alarms / promised:.2f} ({low / promised:.2f}–{high / promised:.2f})"


def quiet(regime: Regime, weeks: int, seed: int) -> tuple[int, int]:
    """False alarms after the first week (in which nothing is judged): surges and silences."""
    news, surge = News(regime, seed), Life(regime.streams, SURGE)
    silence, alarms = Life(regime.streams, SILENCE), np.zeros(2, dtype=np.int64)
    for t in range(weeks * WEEK):
        n, y = news.hour(t)
        alarms += surge.hour(t, y)[1:].sum(), silence.hour(t, n)[1:].sum()
    return int(alarms[0]), int(alarms[1])


def table(weeks: int, name: str) -> None:
    print(f"{'regime':<22} {'surge':>20} {'silence':>20}  stream-weeks")
    for regime in REGIMES:
        if name not in regime.name:
            continue
        surges, silences = quiet(regime, weeks, 1)
        stream_weeks = (weeks - 1) * (regime.streams - 1)
        print(
            f"{regime.name:<22} {ratio(surges, stream_weeks):>20} "
            f"{ratio(silences, stream_weeks):>20}  {stream_weeks}",
            flush=True,
        )


def delay(regime: Regime, factor: float, ratios: tuple[float, ...], weeks: float) -> str:
    """Hours from a change of volume by `factor` to the alarm; it begins at a random hour."""
    found: list[float] = []
    for seed in range(6):
        news, life = News(regime, seed), Life(regime.streams, ratios, weeks)
        begin = 5 * WEEK + int(np.random.default_rng(seed).integers(WEEK))
        hours = np.full(regime.streams, np.inf)
        for t in range(begin + 96):
            if t == begin:
                life.close(life.held)
            n, y = news.hour(t, factor if t >= begin else 1.0)
            alarm = life.hour(t, y if life.config.surge else n)
            if t >= begin:
                hours[alarm] = np.minimum(hours[alarm], t - begin + 1)
        found += hours[1:].tolist()
    middle, late = np.quantile(found, (0.5, 0.9), method="lower")
    return f"{np.isfinite(found).mean():.2f} found in 96 h, median {middle:.0f} h, p90 {late:.0f} h"


def delays() -> None:
    for volume in (0.2, 0.6, 1.5, 6.0, 20.0):
        for phi, rho in ((0.0, 0.0), (0.2, 0.2)):
            regime = Regime(f"{volume:g}/h phi {phi:g}", volume, phi, rho, streams=60)
            for factor, ratios in ((3.0, SURGE), (4.0, SURGE), (0.0, SILENCE)):
                said = delay(regime, factor, ratios, 26)
                print(f"{regime.name:<16} ×{factor:g}: {said}", flush=True)


def speed(rows: int = 20_000, steps: int = 30) -> None:
    config = CountConfig(SURGE, 1.0)
    state, level = counts.start(rows, config), np.full(rows, 12.0)
    rng = np.random.default_rng(1)
    for t in range(30):
        state, _ = counts.step(state, rng.poisson(1.0, rows), t, config, level)
    drawn = [rng.poisson(1.0, rows) for _ in range(steps)]
    began = time.process_time()
    for t, y in enumerate(drawn):
        state, _ = counts.step(state, y, 30 + t, config, level)
    took = (time.process_time() - began) / (rows * steps)
    print(f"{1e6 * took:.2f} µs an update, {len(counts.pack(state, 1))} bytes a row")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--regime", default="")
    parser.add_argument("--delays", action="store_true")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if options.speed:
        return speed()
    return delays() if options.delays else table(options.weeks, options.regime)


if __name__ == "__main__":
    main()
