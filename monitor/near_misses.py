"""From closed bins to near-misses, and from what analysts say of a few to how many were missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from alerts.detector import DetectorConfig
from alerts.evidence import log_mean
from alerts.near_misses import APART, Missed, NearMiss, near_miss
from alerts.near_misses import missed as missed_of
from alerts.types import Evidence, Stream
from alerts.watch import WatchState
from monitor.store import alert_verdicts, bins, near_misses
from monitor.store.engine import Transaction

_LONGEST = timedelta(days=14)  # that an episode is traced back


def remember(
    tx: Transaction, before: WatchState, after: WatchState, config: DetectorConfig, start: datetime
) -> None:
    """Keeps the near-misses that ended in the bin at `start`, which leads from `before` to
    `after`; the judgements of all bins until then are in the store already."""
    near_misses.add(tx, list(_ended(tx, before, after, config, start)))


def missed(tx: Transaction, first: datetime) -> Missed:
    """Of the near-misses that ended at or after `first`: how many deserved an alert.

    One is real where as many of those who answered confirm it as reject it.
    """
    known = near_misses.since(tx, first)
    asked = {one.id for one in known if one.asked}
    voices: dict[str, list[bool]] = defaultdict(list)
    for verdict in alert_verdicts.since(tx, first):
        if verdict.alert_id in asked:
            voices[verdict.alert_id].append(verdict.answer == "confirm")
    answers = [2 * sum(said) >= len(said) for said in voices.values()]
    return missed_of(len(known), len(asked), answers)


def _ended(
    tx: Transaction, before: WatchState, after: WatchState, config: DetectorConfig, start: datetime
) -> Iterator[NearMiss]:
    level = config.log_thresholds(before.streams)
    near = log_mean(before.state.log_m) >= level - APART
    far = log_mean(after.state.log_m) < level - APART
    for k in np.flatnonzero(near & far):
        stream, log_threshold = before.streams[k], float(level[k])
        episode = _episode(tx, stream, log_threshold - APART, start)
        if not episode or near_misses.told(tx, stream, episode[0].start, start):
            continue
        bar = config.bars.raises.get(("negative_share", stream), 0.0)
        found = near_miss(episode, log_threshold, bar)
        if found is not None:
            yield found


def _episode(tx: Transaction, stream: Stream, level: float, end: datetime) -> list[Evidence]:
    """The newest unbroken run of bins before `end` in which ln M was at or above `level`."""
    judged = bins.of(tx, stream, end - _LONGEST, end - timedelta(microseconds=1))
    below = [i for i, one in enumerate(judged) if one.log_evidence < level]
    return judged[below[-1] + 1 if below else 0 :]
