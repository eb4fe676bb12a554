"""What the detector costs, and what it does in its first weeks.

    python tests/bench/bench_detector.py [--weeks N]

Prints µs for one update of one stream and the bytes of its state, and then for each regime of
`downdraft detect-bench` the false alarms of weeks 1 to 4 of life per promised one. The protocol
itself begins after a burn-in; a new installation does not.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

from alerts import detector
from alerts.bench import figures
from alerts.bench.alarms import false_alarms
from alerts.bench.methods import ours
from alerts.bench.regimes import REGIMES, Regime
from alerts.bench.streams import Plan, block
from alerts.bench.windows import WEEK
from alerts.detector import DetectorConfig

COLD = 4  # weeks
PROMISED = 1 / 26


def speed(streams: int, bins: int = 300) -> tuple[float, int]:
    """µs of one core for one bin of one of so many streams, and the bytes of its state."""
    rng = np.random.default_rng(0)
    n = rng.poisson(6, (bins, streams))
    y = rng.binomial(n, 0.25)
    config, state = DetectorConfig(), detector.start(streams, DetectorConfig())
    began = time.process_time()
    for t in range(bins):
        state, _ = detector.step(state, n[t], y[t], t, config)
    seconds = time.process_time() - began
    return seconds / (bins * streams) * 1e6, len(detector.pack(state, 0))


def cold(regime: Regime, stream_weeks: int) -> figures.Rate:
    """Alarms in the first weeks, nothing being known of any stream or of the whole."""
    plan = Plan(regime.quiet_twin(), "measure", 25, 1, seed=0)  # as many as one might watch
    alarms = houses = 0
    while houses * 25 * COLD < stream_weeks:
        lived = block(replace(plan, number=houses))
        early = np.broadcast_to(np.arange(len(lived.n))[:, None] < COLD * WEEK, lived.n.shape)
        lived = replace(lived, counted=early)
        hits = ours.watch(lived, ours.promised_threshold(PROMISED), DetectorConfig())
        alarms, houses = alarms + false_alarms(hits, lived), houses + 1
    return figures.rate(alarms, houses * 25 * COLD)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=2000, help="stream-weeks a regime")
    for streams in (30, 220, 1000, 10_000):
        micros, size = speed(streams)
        print(f"{streams:>6} streams: {micros:.2f} µs an update, {size} bytes a stream", flush=True)
    print(f"\nfalse alarms of weeks 1–{COLD}, per promised one")
    weeks = parser.parse_args().weeks
    for regime in REGIMES:
        if not regime.nuisance:
            rate = cold(regime, weeks)
            low, measured, high = (x / PROMISED for x in (rate.low, rate.measured, rate.high))
            print(f"{regime.name:<14} {measured:.2f} ({low:.2f}–{high:.2f})", flush=True)


if __name__ == "__main__":
    main()
