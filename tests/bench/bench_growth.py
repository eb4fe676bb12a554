"""How often an open alert is told of again because it grew: after false alarms and in crises.

    python tests/bench/bench_growth.py [--weeks N] [--seed N]

For each regime a line: alarms, of them those whose excess doubled before they were over
(`alerts.spreading.has_grown`, looked at each hour from six hours after the last message on), and
messages on growth for each of the latter. Quiet streams raise false alarms only; in shifted ones
odds stand at three times the usual for 72 hours, or as the regime has it.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace

import numpy as np

from alerts import detector
from alerts.bench import regimes
from alerts.bench.methods.ours import MONDAY, promised_threshold, with_column, with_whole
from alerts.bench.protocol import PROMISED
from alerts.bench.streams import MIN_NEGATIVES, SHIFT, Block, Plan, block
from alerts.bench.windows import WEEK
from alerts.detector import DetectorConfig
from alerts.dispatch import APART
from alerts.spreading import has_grown

HOURS_APART = APART.total_seconds() / 3600
NAMES = ("volume-1.5", "volume-6", "volume-20", "rho-0.2", "drift-0.3", "burst")
STREAMS = 200


@dataclass
class Open:
    """An alert that has been raised."""

    baseline: float
    onset: int  # first hour of its rise
    told: tuple[int, int]  # negatives and stories, as the last message said
    told_at: int
    messages: int = 0

    def look(self, y: np.ndarray, n: np.ndarray, t: int) -> None:
        by_now = int(y[self.onset : t + 1].sum()), int(n[self.onset : t + 1].sum())
        due = t - self.told_at >= HOURS_APART
        if due and has_grown(self.baseline, self.told, by_now, MIN_NEGATIVES):
            self.told, self.told_at, self.messages = by_now, t, self.messages + 1


def alarms(lived: Block) -> list[Open]:
    """Every alarm of the counted hours, or of the shifts, with what was told of it later."""
    n, y, allowed = with_whole(lived.n), with_whole(lived.y), with_column(lived.allowed)
    counted = np.column_stack([np.zeros(len(n), dtype=np.bool_), lived.counted])
    level = promised_threshold(PROMISED)
    config = DetectorConfig(alarms_per_week=n.shape[1] * WEEK * math.exp(-level))
    state, held = detector.start(n.shape[1], config), np.zeros(n.shape[1], dtype=np.bool_)
    opened: dict[int, Open] = {}
    ended: list[Open] = []
    for t in range(len(n)):
        state, judged = detector.step(state, n[t], y[t], MONDAY + t, config, held)
        crossed = (judged.log_evidence >= level) & (judged.gain > 0) & allowed[t] & ~held
        for k in np.flatnonzero(crossed).tolist():
            onset = int(judged.onset[k]) - MONDAY if judged.onset[k] >= 0 else t
            told = int(y[onset : t + 1, k].sum()), int(n[onset : t + 1, k].sum())
            opened[k] = Open(judged.share_of(k), onset, told, t)
            if counted[t, k]:
                ended.append(opened[k])
        for k in np.flatnonzero(held).tolist():
            opened[k].look(y[:, k], n[:, k], t)
        held = held | crossed
        over = held & ~crossed & (judged.s_max < level / 2)
        if over.any():
            state, held = detector.reset(state, over), held & ~over
    return ended


def quiet(name: str, weeks: int, seed: int) -> list[Open]:
    found, number = [], 0
    while number * STREAMS * 26 < weeks:
        found += alarms(block(Plan(regimes.named(name), "measure", STREAMS, 26, seed, number)))
        number += 1
    return found


def crises(name: str, seed: int) -> list[Open]:
    lived = block(Plan(regimes.named(name), "shift", 2 * STREAMS, 2, seed))
    t = np.arange(len(lived.n))[:, None]
    during = (t >= lived.onset) & (t < lived.onset + SHIFT)
    return alarms(replace(lived, counted=during))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=5200, help="stream-weeks a regime")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(f"{'':18}{'alarms':>8}{'grew':>8}{'messages each':>15}")
    for name in NAMES:
        for kind, found in (
            ("quiet", quiet(name, asked.weeks, asked.seed)),
            ("crisis", crises(name, asked.seed)),
        ):
            grew = [one for one in found if one.messages]
            each = sum(one.messages for one in grew) / max(1, len(grew))
            print(f"{name:12}{kind:8}{len(found):6}{len(grew):8}{each:12.2f}", flush=True)


if __name__ == "__main__":
    main()
