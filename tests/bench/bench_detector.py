"""False alarms per promised false alarm, and delay, on simulated streams.

    python tests/bench/bench_detector.py [--weeks N] [--regime NAME]

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


@dataclass
class Tally:
    alarms: NDArray[np.int64]  # per week
    stream_weeks: int = 0
    delays: list[float] | None = None


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


def quiet(regime: Regime, weeks: int, seed: int, config: DetectorConfig) -> Tally:
    """Alarms per week of simulated life (week 0 is the cold start)."""
    rng = np.random.default_rng(seed)
    streams = regime.streams
    config = replace(config, alarms_per_week=streams / 26)
    level = config.log_threshold(streams)
    logit = shares(regime, rng)
    state = detector.start(streams, config)
    held = np.zeros(streams, dtype=bool)
    last_day = np.zeros((24, streams), dtype=np.int64)
    tally = Tally(np.zeros(weeks, dtype=np.int64), weeks * (streams - 1))
    for hour in range(weeks * HOURS_A_WEEK):
        if regime.drift and hour % 24 == 0:
            logit = logit + regime.drift / np.sqrt(7) * rng.standard_normal(streams)
        n, y = draw(regime, logit, hour, rng)
        last_day[hour % 24] = y
        state, judged = detector.step(state, n, y, hour, config, held)
        alarm = ~held & (judged.log_evidence >= level) & (judged.gain > 0)
        alarm &= last_day.sum(axis=0) >= config.min_stories
        tally.alarms[hour // HOURS_A_WEEK] += alarm[1:].sum()
        held |= alarm
        over = held & ((judged.s_max < level / 2) | judged.new_level)
        state, held = detector.reset(state, over), held & ~over
    return tally


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
            alarms += quiet(regime, weeks, seed, config).alarms
        a_week = runs * (regime.streams - 1)
        cold = ratio(int(alarms[:4].sum()), 4 * a_week)
        later = ratio(int(alarms[4:].sum()), (weeks - 4) * a_week)
        print(f"{regime.name:<18} {cold:>20} {later:>20}  {weeks * a_week}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=20)
    parser.add_argument("--regime", default="")
    options = parser.parse_args()
    chosen = tuple(r for r in REGIMES if options.regime in r.name)
    table(chosen, options.weeks, DetectorConfig())


if __name__ == "__main__":
    main()
