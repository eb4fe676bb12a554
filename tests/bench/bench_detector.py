"""False alarms per promised false alarm, and delay, on simulated streams.

    python tests/bench/bench_detector.py [--weeks N] [--regime NAME] [--delays]

Counts are Poisson with a diurnal wave, labels beta-binomial within the bin; the true shares of
the streams scatter around that of the whole. Promise: one alarm a stream in 26 weeks. An alarm
needs what an alert needs: fresh evidence and three negative stories within a day.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alerts import detector
from alerts.detector import DetectorConfig

HOURS_A_WEEK = 168


@dataclass(frozen=True)
class Regime:
    name: str
    volumes: tuple[float, ...]  # stories an hour, dealt to the streams in turn
    rho: float = 0.0
    diurnal: float = 0.0  # amplitude of the share's daily wave, in logits
    scatter: float = 0.6  # sd of the streams' shares around the whole, in logits
    share: float = 0.25
    drift: float = 0.0  # sd of the share's random walk, in logits a week
    streams: int = 150


REGIMES = (
    Regime("0.2/h", (0.2,)),
    Regime("1.5/h", (1.5,)),
    Regime("6/h", (6.0,)),
    Regime("20/h", (20.0,)),
    Regime("1.5/h rho .05", (1.5,), rho=0.05),
    Regime("6/h rho .05", (6.0,), rho=0.05),
    Regime("6/h rho .15", (6.0,), rho=0.15),
    Regime("20/h rho .15", (20.0,), rho=0.15),
    Regime("6/h diurnal .4", (6.0,), diurnal=0.4),
    Regime("6/h drift .1", (6.0,), drift=0.1),
    Regime("6/h share .08", (6.0,), share=0.08),
    Regime("6/h share .5", (6.0,), share=0.5),
    Regime("mixture of 26", (0.2, 0.5, 1.5, 3.0, 6.0, 20.0), rho=0.05, streams=26),
)


def shares(regime: Regime, rng: np.random.Generator) -> NDArray[np.float64]:
    level = np.log(regime.share / (1 - regime.share))
    return level + regime.scatter * rng.standard_normal(regime.streams)


def draw(
    regime: Regime, logit: NDArray[np.float64], hour: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One hour of stories and negatives, (K,) each; the first stream is the sum of the others."""
    volume = np.resize(np.array(regime.volumes), regime.streams)
    wave = 1 + 0.6 * np.sin(2 * np.pi * hour / 24)
    n = rng.poisson(volume * wave)
    q = 1 / (1 + np.exp(-(logit + regime.diurnal * np.sin(2 * np.pi * hour / 24 + 1))))
    if regime.rho > 0:
        m = 1 / regime.rho - 1
        q = rng.beta(q * m, (1 - q) * m)
    y = rng.binomial(n, q)
    n[0], y[0] = n[1:].sum(), y[1:].sum()
    return n, y


def quiet(regime: Regime, weeks: int, seed: int, config: DetectorConfig) -> NDArray[np.int64]:
    """Alarms per week of simulated life (week 0 is the cold start)."""
    rng = np.random.default_rng(seed)
    logit = shares(regime, rng)
    life = Life(regime, config)
    alarms = np.zeros(weeks, dtype=np.int64)
    for hour in range(weeks * HOURS_A_WEEK):
        if regime.drift and hour % 24 == 0:
            logit = logit + regime.drift / np.sqrt(7) * rng.standard_normal(regime.streams)
        alarm = life.hour(hour, *draw(regime, logit, hour, rng))
        alarms[hour // HOURS_A_WEEK] += alarm[1:].sum()
    return alarms


class Life:
    """Streams with their alerts: raised on fresh evidence, closed when calm."""

    def __init__(self, regime: Regime, config: DetectorConfig) -> None:
        self.config = replace(config, alarms_per_week=regime.streams / 26)
        self.level = self.config.log_threshold(regime.streams)
        self.state = detector.start(regime.streams, self.config)
        self.held = np.zeros(regime.streams, dtype=bool)
        self.last_day = np.zeros((24, regime.streams), dtype=np.int64)

    def hour(self, hour: int, n: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which streams raise an alert in this hour."""
        self.last_day[hour % 24] = y
        self.state, judged = detector.step(self.state, n, y, hour, self.config, self.held)
        alarm = ~self.held & (judged.log_evidence >= self.level) & (judged.gain > 0)
        alarm &= self.last_day.sum(axis=0) >= self.config.min_stories
        self.held |= alarm
        over = self.held & ((judged.s_max < self.level / 2) | judged.new_level)
        self.close(over)
        return alarm

    def close(self, rows: NDArray[np.bool_]) -> None:
        self.state, self.held = detector.reset(self.state, rows), self.held & ~rows


def ratio(alarms: int, stream_weeks: int) -> str:
    """Measured rate per promised rate with its exact Poisson interval."""
    promised = stream_weeks / 26
    low = chi2.ppf(0.025, 2 * alarms) / 2 if alarms else 0.0
    high = chi2.ppf(0.975, 2 * alarms + 2) / 2
    return f"{alarms / promised:.2f} ({low / promised:.2f}–{high / promised:.2f})"


def table(regimes: tuple[Regime, ...], weeks: int, config: DetectorConfig) -> None:
    print(f"{'regime':<18} {'cold: weeks 1–4':>20} {'later':>20}  stream-weeks")
    for regime in regimes:
        runs = max(1, round(120 / regime.streams))
        alarms = np.zeros(weeks, dtype=np.int64)
        for seed in range(runs):
            alarms += quiet(regime, weeks, seed, config)
        a_week = runs * (regime.streams - 1)
        cold = ratio(int(alarms[:4].sum()), 4 * a_week)
        later = ratio(int(alarms[4:].sum()), (weeks - 4) * a_week)
        print(f"{regime.name:<18} {cold:>20} {later:>20}  {weeks * a_week}", flush=True)


SHIFTS = (
    (Regime("6/h", (6.0,), streams=100), 3.0),
    (Regime("6/h rho .05", (6.0,), rho=0.05, streams=100), 3.0),
    (Regime("1.5/h rho .02", (1.5,), rho=0.02, streams=100), 4.0),
    (Regime("20/h rho .03", (20.0,), rho=0.03, streams=100), 2.0),
    (Regime("0.3/h", (0.3,), streams=100), 6.0),
)
WARM, SHIFT = 5 * HOURS_A_WEEK, 72  # hours before the shift, and of it
Times = NDArray[np.float64]


def oracle(regime: Regime, odds: float, logit: Times, s: Times, n: Times, y: Times) -> Times:
    """One step of a CUSUM that knows q0, ρ and the shift."""
    q, rho = 1 / (1 + np.exp(-logit)), np.full(regime.streams, max(regime.rho, 1e-6))
    return np.maximum(0.0, s + detector.log_ratios(n, y, q, rho, (odds,))[:, 0])


def oracle_threshold(regime: Regime, odds: float, weeks: int = 60) -> float:
    """The lowest, of a grid, that keeps the oracle to one alarm in 26 weeks."""
    rng = np.random.default_rng(99)
    logit, grid = shares(regime, rng), np.arange(1.5, 10, 0.25)
    s, alarms = np.zeros((len(grid), regime.streams)), np.zeros(len(grid))
    for hour in range(weeks * HOURS_A_WEEK):
        n, y = draw(regime, logit, hour, rng)
        for row, h in enumerate(grid):
            s[row] = oracle(regime, odds, logit, s[row], n, y)
            hit = s[row] >= h
            alarms[row] += hit[1:].sum()
            s[row, hit] = 0
    return float(grid[np.argmax(alarms / (weeks * (regime.streams - 1)) * 26 <= 1)])


def shifted(
    regime: Regime, odds: float, h: float, seed: int, config: DetectorConfig
) -> tuple[Times, Times]:
    """Hours from the shift to the alarm of the detector and of the oracle; inf: none."""
    rng = np.random.default_rng(seed)
    logit, life = shares(regime, rng), Life(regime, config)
    ours, theirs = np.full((2, regime.streams), np.inf)
    s = np.zeros(regime.streams)
    for hour in range(WARM + SHIFT):
        if hour == WARM:
            life.close(life.held)
        n, y = draw(regime, logit + (np.log(odds) if hour >= WARM else 0.0), hour, rng)
        alarm = life.hour(hour, n, y)
        s = oracle(regime, odds, logit, s, n, y)
        if hour >= WARM:
            ours[alarm] = np.minimum(ours[alarm], hour - WARM + 1)
            theirs[s >= h] = np.minimum(theirs[s >= h], hour - WARM + 1)
        s[s >= h] = 0
    return ours[1:], theirs[1:]


def delays(config: DetectorConfig) -> None:
    print(f"{'shift':<22} {'found':>6} {'median h':>9} {'p90':>6} | oracle, same rate")
    for regime, odds in SHIFTS:
        h = oracle_threshold(regime, odds)
        runs = [shifted(regime, odds, h, seed, config) for seed in range(3)]
        figures = []
        for each in (np.concatenate(column) for column in zip(*runs, strict=True)):
            middle, late = np.quantile(each, (0.5, 0.9), method="lower")
            figures.append(f"{np.isfinite(each).mean():>6.2f} {middle:>9.0f} {late:>6.0f}")
        print(f"{regime.name + f' odds {odds:g}':<22} {' | '.join(figures)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=24)
    parser.add_argument("--regime", default="")
    parser.add_argument("--delays", action="store_true")
    options = parser.parse_args()
    if options.delays:
        return delays(DetectorConfig())
    chosen = tuple(r for r in REGIMES if options.regime in r.name)
    return table(chosen, options.weeks, DetectorConfig())


if __name__ == "__main__":
    main()
