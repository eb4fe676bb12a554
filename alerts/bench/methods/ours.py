"""The e-detector of alerts/detector.py as the daemon runs it, hour after hour.

At its promised threshold ln A nothing is calibrated: A = bins a week / false alarms a week. The
streams of a block are watched together with their whole, which is the parent of all. An alert
needs fresh evidence and stays open until the CUSUM part has fallen below ½ ln A, as in
alerts/lifecycle.py and alerts/watch.py; a new checkpoint re-bases, as there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from alerts import detector, rebase
from alerts.bench.alarms import Hits, Method
from alerts.bench.streams import Block, Promotion
from alerts.bench.windows import DAY, WEEK, Counts, Mask
from alerts.detector import DetectorConfig, DetectorState
from alerts.kin import NONE, Kin
from alerts.rebase import Change, Relabelled
from alerts.types import Stream

MONDAY = 4 * DAY  # 1970 began on a Thursday, a block does on a Monday


def promised_threshold(alarms_a_week: float) -> float:
    """ln A of one stream."""
    return math.log(WEEK / alarms_a_week)


def read(block: Block) -> Hits:
    def hits(log_threshold: float) -> Mask:
        return watch(block, log_threshold, DetectorConfig())

    return hits


def watch(block: Block, log_threshold: float, config: DetectorConfig) -> Mask:
    """(T, K) hours in which an alert rises."""
    n, y, allowed = with_whole(block.n), with_whole(block.y), with_column(block.allowed)
    onset, promotions = np.append(0, block.onset), block.promotions
    return rises(n, y, allowed, onset, log_threshold, config, promotions)[:, 1:]


def rises(
    n: Counts,
    y: Counts,
    allowed: Mask,
    onset: Counts,
    log_threshold: float,
    config: DetectorConfig,
    promotions: Sequence[Promotion] = (),
    kin: Kin = NONE,
) -> Mask:
    """(T, K) hours in which an alert rises in streams of which the first is the whole.

    n, y: (T, K) stories and negatives; `allowed`: (T, K) hours in which one may rise; `onset`: (K,)
    first hour of the shift that is looked for.
    """
    streams, by_hour = n.shape[1], {each.hour: each for each in promotions}
    config = replace(config, alarms_per_week=streams * WEEK * math.exp(-log_threshold))
    state, held = detector.start(streams, config), np.zeros(streams, dtype=np.bool_)
    found = np.zeros(n.shape, dtype=np.bool_)
    for t in range(len(n)):
        if t in by_hour:
            state = rebased(state, by_hour[t], config, held)
        state, judged = detector.step(state, n[t], y[t], MONDAY + t, config, held, kin=kin)
        crossed = (judged.log_evidence >= log_threshold) & (judged.gain > 0) & allowed[t]
        found[t] = crossed & ~held
        held = held | found[t]
        over = held & ~found[t] & (judged.s_max < log_threshold / 2)
        over |= held & (onset == t + 1)  # whoever waits for the shift waits with no alert open
        if over.any():
            state, held = detector.reset(state, over), held & ~over
    return found


def rebased(
    state: DetectorState, promotion: Promotion, config: DetectorConfig, held: Mask
) -> DetectorState:
    """By the stories that both checkpoints have labelled, as in alerts/watch.py."""
    counts = with_whole(promotion.relabelled).T
    streams = (Stream(), *(Stream(topic=str(k)) for k in range(1, len(counts))))
    pairs = {s: Relabelled(*map(int, row)) for s, row in zip(streams, counts, strict=True)}
    step = rebase.step(state.baseline, streams, Change(pairs), config.prior)
    known = rebase.shares(state.baseline, step) if step else None
    return detector.rebase(state, known, held)


def with_whole(counts: Counts) -> Counts:
    """(T, K + 1): the whole first."""
    return np.column_stack([counts.sum(axis=1), counts])


def with_column(allowed: Mask) -> Mask:
    return np.column_stack([np.ones(len(allowed), dtype=np.bool_), allowed])


_SOURCE = "Shin, Ramdas, Rinaldo, E-detectors (NEJSDS 2024); alerts/detector.py"
_LADDER = np.linspace(3.0, 9.2, 32)
PROMISED = Method("e_detector", _SOURCE, read, _LADDER, promise=promised_threshold)
CALIBRATED = Method("e_detector_calibrated", _SOURCE, read, _LADDER)
