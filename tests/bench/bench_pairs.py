"""A topic of a name is thin: should it take after its name, or after the whole?

    python tests/bench/bench_pairs.py [--houses N] [--seed N]

Names scatter by 0.8 logit around the whole, their topics by 0.3 around the name. A topic of a name
has 0.1 to 0.5 stories an hour, its name 0.5 to 2 together with its topics. Prints for either
parent, in the first four weeks of life (all at once, nothing being known of anything) and after
week six, for all pairs and for those of names that are worse than the whole, like it, or better:
false alarms per promised one (one in 26 weeks a stream), and of shifts of odds 4 that last 72
hours the share found and the mean delay, a shift not found in time counting as 72.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from alerts.bench import figures
from alerts.bench.methods.ours import promised_threshold, rises
from alerts.bench.protocol import PROMISED
from alerts.bench.streams import BURN_IN, MIN_NEGATIVES, SHIFT
from alerts.bench.windows import DAY, WEEK, Counts, Floats, Mask, rolling
from alerts.detector import DetectorConfig
from alerts.kin import NONE, Kin

NAMES, TOPICS = 60, 2  # of each name
PAIRS, FIRST = NAMES * TOPICS, 1 + NAMES  # row of the first pair
KIN = Kin(FIRST + np.arange(PAIRS), 1 + np.arange(PAIRS) // TOPICS)
LEVEL, RHO, ODDS = math.log(1 / 3), 0.05, 4.0
COLD, LONG, LATER = 4 * WEEK, 26 * WEEK, BURN_IN + 3 * WEEK


@dataclass(frozen=True, slots=True)
class House:
    """What one newsroom counted: the whole, its names, the topics of each name; (T, K)."""

    n: Counts
    y: Counts
    worse: Floats  # (P,) logits by which the name of a pair lies above the whole
    onset: Counts  # (P,) first hour of its shift; T: there is none


def house(hours: int, shifts: int | None, seed: tuple[int, ...]) -> House:
    """`shifts`: hour from which on each pair has its shift; None: nothing happens."""
    rng, t = np.random.default_rng(seed), np.arange(hours)[:, None]
    name = rng.normal(0, 0.8, NAMES)
    pair = np.repeat(name, TOPICS) + rng.normal(0, 0.3, PAIRS)
    inside = rng.uniform(0.1, 0.5, (NAMES, TOPICS))
    beside = np.maximum(rng.uniform(0.5, 2, NAMES) - inside.sum(axis=1), 0.1)
    onset = np.full(PAIRS, hours)
    if shifts is not None:
        onset = rng.integers(shifts, hours - SHIFT, PAIRS)
    lasting = (t >= onset) & (t < onset + SHIFT)
    wave = 1 + 0.6 * np.sin(2 * np.pi * t / DAY)
    of_pair = _drawn(wave * inside.ravel(), pair + math.log(ODDS) * lasting, rng)
    of_name = _drawn(wave * beside, np.tile(name, (hours, 1)), rng)
    of_name += of_pair.reshape(2, hours, NAMES, TOPICS).sum(axis=3)
    n, y = np.concatenate([_drawn(wave * 30, 0.0 * t, rng), of_name, of_pair], axis=2)
    return House(n, y, np.repeat(name, TOPICS), onset)


def _drawn(volume: Floats, worse: Floats, rng: np.random.Generator) -> Counts:
    """(2, T, K) stories and negatives, so many logits above the whole."""
    n, share, m = rng.poisson(volume), 1 / (1 + np.exp(-LEVEL - worse)), 1 / RHO - 1
    return np.stack([n, rng.binomial(n, rng.beta(share * m, (1 - share) * m))])


def alarms(lived: House, kin: Kin) -> Mask:
    """(T, P) hours in which an alarm about a pair rises."""
    allowed = rolling(lived.y, DAY) >= MIN_NEGATIVES
    onset = np.append(np.full(FIRST, len(lived.n)), lived.onset)
    level = promised_threshold(PROMISED)
    found = rises(lived.n, lived.y, allowed, onset, level, DetectorConfig(), kin=kin)
    return found[:, FIRST:]


def delays(lived: House, kin: Kin) -> Floats:
    """(P,) hours to the end of the hour that alarmed; inf where none did in time."""
    t = np.arange(len(lived.n))[:, None]
    hits = alarms(lived, kin) & (t >= lived.onset) & (t < lived.onset + SHIFT)
    return np.where(hits.any(axis=0), hits.argmax(axis=0) - lived.onset + 1.0, np.inf)


def measured(kin: Kin, houses: int, seed: int) -> Iterator[tuple[str, Floats, Floats]]:
    """When; false alarms of each quiet pair with its worse and weeks (3, P); delays (2, P)."""
    for when, hours, since, shifts, until in (
        ("weeks 1-4", COLD, 0, 3 * DAY, COLD),
        ("later", LONG, BURN_IN, BURN_IN, LATER),
    ):
        quiet, shifted = [], []
        for number in range(houses if hours == COLD else max(1, houses // 6)):
            lived = house(hours, None, (seed, 0, hours, number))
            hits = alarms(lived, kin)[since:].sum(axis=0)
            quiet.append([lived.worse, hits, np.full(PAIRS, (hours - since) / WEEK)])
        for number in range(houses):
            lived = house(until, shifts, (seed, 1, until, number))
            shifted.append([lived.worse, delays(lived, kin)])
        yield when, np.concatenate(quiet, axis=1), np.concatenate(shifted, axis=1)


def line(quiet: Floats, shifted: Floats, least: float, most: float) -> str:
    """Of pairs whose names lie so far above the whole."""
    _, hits, weeks = quiet[:, (quiet[0] >= least) & (quiet[0] < most)]
    delay = shifted[1, (shifted[0] >= least) & (shifted[0] < most)]
    rate = figures.rate(int(hits.sum()), float(weeks.sum()))
    low, false, high = (x / PROMISED for x in (rate.low, rate.measured, rate.high))
    found, mean = np.isfinite(delay).mean(), np.minimum(delay, SHIFT).mean()
    return f"{false:8.2f} ({low:.2f}–{high:.2f}){found:10.1%}{mean:8.1f} h"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--houses", type=int, default=24, help=f"of {PAIRS} pairs")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(f"{'parent':8}{'':11}{'names':8}{'false / promised':>20}{'found':>10}{'delay':>8}")
    for parent, kin in (("whole", NONE), ("name", KIN)):
        for when, quiet, shifted in measured(kin, asked.houses, asked.seed):
            for names, least, most in (
                ("all", -math.inf, math.inf),
                ("worse", 0.4, math.inf),
                ("alike", -0.4, 0.4),
                ("better", -math.inf, -0.4),
            ):
                told = line(quiet, shifted, least, most)
                print(f"{parent:8}{when:11}{names:8}{told}", flush=True)


if __name__ == "__main__":
    main()
