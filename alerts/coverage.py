"""Coverage holes: feeds and streams that have fallen silent. One incident at a time.

A hole is a fault of our sight, not of the world: it is told under a kind of its own, names the
feeds, and keeps the streams that miss part of their news from being taught what is usual. It ends
by itself when the volume is back, or after a week, when the silence is the new level.

Rows are the streams, then the feeds. A row is silent while its evidence stands above its
threshold and its CUSUM part has not come down by half; both are kept, so that which rows are
silent needs no memory of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from alerts import counts as nb
from alerts.budget import even, log_thresholds, weights_of
from alerts.count_state import SILENCE, CountConfig, CountState
from alerts.evidence import largest, log_mean
from alerts.holes import Hole, Shares, tell
from alerts.ledger import Listening
from alerts.outcome import Bin, Outcome, named
from alerts.raising import ORIGIN_MEMORY
from alerts.rates import Counts, Floats, Mask
from alerts.state import DetectorConfig
from alerts.types import Alert, Stream

MATERIAL = 0.25  # of a stream's stories: what a silent feed must bring for the stream to be paused


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is remembered of each row, and the incident that is open."""

    feeds: tuple[str, ...]
    state: CountState  # rows: the streams, then the feeds
    open: tuple[Alert, ...] = ()  # the parent first


@dataclass(frozen=True, slots=True)
class Gaps:
    """Which streams miss part of their news, and since which bin."""

    streams: frozenset[Stream] = frozenset()
    first: int = 0

    def mask(self, streams: tuple[Stream, ...]) -> Mask:
        return named(streams, self.streams)


def config_of(config: DetectorConfig) -> CountConfig:
    return CountConfig.beside(config, SILENCE, config.coverage_alarms_per_week)


def begin(streams: int, feeds: tuple[str, ...], config: DetectorConfig) -> Coverage:
    """Streams and feeds of which nothing is known yet."""
    return Coverage(feeds, nb.start(streams + len(feeds), config_of(config)))


def judge(
    coverage: Coverage, here: Bin, baseline: Shares, listening: Listening
) -> tuple[Coverage, Gaps, Outcome]:
    """Judge one closed bin. `baseline`: asked for the shares expected, to be told beside a hole."""
    config, level = config_of(here.config), _levels(coverage, here)
    seen = _seen(coverage, here, listening)
    gaps = _gaps(coverage, here, _silent(coverage.state, level), listening)
    state, judged = nb.step(
        coverage.state, seen, here.number, config, level,
        paused=_rows(coverage, gaps.mask(here.streams)), usable=_usable(coverage, here, listening),
    )  # fmt: skip
    hole = Hole(here, coverage.feeds, state, judged, seen, baseline, config, listening)
    silent = (judged.log_evidence >= level) & (judged.s_max >= level / 2)
    still_open, outcome = tell(hole, coverage.open, silent)
    coverage = Coverage(coverage.feeds, state, still_open)
    gaps = _joined(gaps, _gaps(coverage, here, silent, listening))
    over = ~silent & (judged.log_evidence >= level)
    if np.count_nonzero(over):
        coverage = replace(coverage, state=nb.reset(state, over))
    if gaps.streams:
        missing = _rows(coverage, gaps.mask(here.streams))
        state = nb.forget_since(coverage.state, missing, gaps.first, here.number)
        coverage = replace(coverage, state=state)
    return coverage, gaps, outcome


def gaps_of(coverage: Coverage, here: Bin, listening: Listening) -> Gaps:
    """What is known to be missing before this bin is judged."""
    return _gaps(coverage, here, _silent(coverage.state, _levels(coverage, here)), listening)


def _levels(coverage: Coverage, here: Bin) -> Floats:
    """(K,) ln A: streams by their weights, a feed like a stream of weight 1."""
    rate, width = here.config.coverage_alarms_per_week, here.config.bin
    if not here.config.weights:
        return log_thresholds(rate, width, even(coverage.state.rows))
    weights = weights_of(here.streams, here.config.weights)
    every = np.array([*weights, *(1.0 for _ in coverage.feeds)])
    return log_thresholds(rate, width, tuple((every / every.sum()).tolist()))


def _seen(coverage: Coverage, here: Bin, listening: Listening) -> Counts:
    feeds = [listening.articles.get(feed, 0) for feed in coverage.feeds]
    return np.concatenate((here.tally[:, 0], np.array(feeds, dtype=np.int64)))


def _usable(coverage: Coverage, here: Bin, listening: Listening) -> Mask | None:
    """Our own silence is nobody's; a feed's first reading is its past, not an hour of it.
    None: all may be used."""
    if listening.heard and listening.counted and not listening.first_read:
        return None
    streams = [listening.heard and listening.counted] * len(here.streams)
    feeds = [listening.heard and feed not in listening.first_read for feed in coverage.feeds]
    return np.array([*streams, *feeds], dtype=np.bool_)


def _rows(coverage: Coverage, streams: Mask) -> Mask:
    return np.concatenate((streams, np.zeros(len(coverage.feeds), dtype=np.bool_)))


def _silent(state: CountState, level: Floats) -> Mask:
    low = largest(state.s) >= level / 2
    return np.asarray(low & (log_mean(state.log_m) >= level)) if np.count_nonzero(low) else low


def _gaps(coverage: Coverage, here: Bin, silent: Mask, listening: Listening) -> Gaps:
    """The silent streams, and those that a silent feed used to bring much of; of a silent whole
    all streams."""
    if not np.count_nonzero(silent):
        return Gaps()
    state, many = coverage.state, len(here.streams)
    onset = state.onset[np.arange(state.rows), state.s.argmax(axis=1)]
    first = int(onset[silent].min())
    quiet = {feed for feed, gone in zip(coverage.feeds, silent[many:], strict=True) if gone}
    hit = {stream for stream, gone in zip(here.streams, silent[:many], strict=True) if gone}
    if silent[0]:
        hit = set(here.streams)
    elif quiet:
        since = here.time(first)
        hit |= _fed_by(quiet, listening.carried(since - ORIGIN_MEMORY, since))
    return Gaps(frozenset(hit), first)


def _fed_by(quiet: set[str], carried: Mapping[Stream, Mapping[str, int]]) -> set[Stream]:
    return {
        stream
        for stream, by_feed in carried.items()
        if sum(by_feed.get(feed, 0) for feed in quiet) >= MATERIAL * sum(by_feed.values()) > 0
    }


def _joined(before: Gaps, now: Gaps) -> Gaps:
    """The bin in which the news comes back, all at once perhaps, still belongs to the gap."""
    if not before.streams or not now.streams:
        return before if before.streams else now
    return Gaps(before.streams | now.streams, min(before.first, now.first))
