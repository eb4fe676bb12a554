"""One bin of all watched streams, end to end: counts in; evidence, alerts and reasons out.

Pure but for the questions to the ledger, which are asked only about streams under suspicion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import numpy as np

from alerts import coverage, detector, rebase, spikes, volume
from alerts.baseline import expected_share
from alerts.coverage import Coverage, Gaps
from alerts.detector import DetectorConfig, DetectorState, Judged
from alerts.ledger import LabelledStory, Ledger, Listening
from alerts.outcome import Bin, Counted, Note, Outcome
from alerts.rebase import Change
from alerts.spikes import Spikes, Tally
from alerts.types import Alert, Stream
from alerts.volume import Volume

__all__ = [
    "Companions",
    "Counted",
    "LabelledStory",
    "Ledger",
    "Listening",
    "Note",
    "Outcome",
    "WatchState",
    "companions",
    "counted_in",
    "declared",
    "judge_bin",
    "watch",
]


@dataclass(frozen=True, slots=True)
class Companions:
    """The detectors beside that of the negative share, each with its budget; None: off."""

    volume: Volume | None = None
    coverage: Coverage | None = None
    positive: Spikes | None = None


@dataclass(frozen=True, slots=True)
class WatchState:
    """All streams, what is remembered of each, and what is being said about them."""

    streams: tuple[Stream, ...]  # the whole first
    state: DetectorState
    open: Mapping[Stream, Alert] = field(default_factory=dict)  # on negative shares, unresolved
    checkpoint: str = ""  # that labelled what the state has learned
    companions: Companions = field(default_factory=Companions)


def declared(topics: Iterable[str], names: Iterable[str]) -> tuple[Stream, ...]:
    """All that is watched: the whole first, each topic, each name. The promise is over these."""
    by_topic = (Stream(topic=topic) for topic in topics)
    return (Stream(), *by_topic, *(Stream(target=name) for name in names))


def counted_in(topic: str, target: str) -> tuple[Stream, ...]:
    """The streams that count a label: a name's takes what is said of it, whatever the topic; the
    whole and a topic's take the headline as such."""
    return (Stream(target=target),) if target else (Stream(), Stream(topic=topic))


def watch(
    topics: Iterable[str], names: Iterable[str], config: DetectorConfig, feeds: Iterable[str] = ()
) -> WatchState:
    """Streams of which nothing is known yet: the whole, each topic, each watched name."""
    streams = declared(topics, names)
    beside = companions(len(streams), tuple(feeds), config)
    return WatchState(streams, detector.start(len(streams), config), companions=beside)


def companions(streams: int, feeds: tuple[str, ...], config: DetectorConfig) -> Companions:
    """Those that have a budget, knowing nothing yet."""
    return Companions(
        volume.begin(streams, config) if config.volume_alarms_per_week else None,
        coverage.begin(streams, feeds, config) if config.coverage_alarms_per_week else None,
        Spikes(detector.start(streams, config)) if config.positive_alarms_per_week else None,
    )


def judge_bin(
    watch: WatchState,
    start: datetime,
    counts: Tally,
    ledger: Ledger,
    config: DetectorConfig,
    checkpoint: str,
    now: datetime,
    provisional: bool = False,
    listening: Listening | None = None,
    change: Change | None = None,
) -> tuple[WatchState, Outcome]:
    """Judge the bin that begins at `start`; counts: stories and negatives by stream.

    Bins must come in order and without gaps (an empty one too: baselines age by the clock).
    `provisional`: the bin is still open; the state stays as it was but for alerts raised.
    `listening`: how well, and through which feeds; None: nothing was missed. `change`: what is
    known of the step from `watch.checkpoint` to `checkpoint`, where they differ.
    """
    listening = listening or Listening()
    watch, notes = _change_checkpoint(watch, checkpoint, change or Change(), config)
    until = min(now, start + config.bin) if provisional else start + config.bin
    here = Bin(watch.streams, start, until, provisional, ledger, checkpoint, config)
    watch, gaps, holes = _coverage(watch, here, counts, listening)
    paused = gaps.mask(watch.streams)
    known = Spikes(_without_gaps(watch.state, gaps, here), watch.open)
    known, judged, found = spikes.judge(known, here, "negative_share", counts, ledger, paused)
    watch = replace(watch, state=known.state, open=known.open)
    watch, surges = _volume(watch, here, counts, judged, gaps, listening, found.resolved)
    watch, rises = _positive(watch, here, gaps, listening)
    return watch, Outcome(notes=notes) + found + surges + holes + rises


def _change_checkpoint(
    watch: WatchState, checkpoint: str, change: Change, config: DetectorConfig
) -> tuple[WatchState, tuple[Note, ...]]:
    """Every detector of labels begins again from what the new labels would have taught it."""
    if watch.checkpoint in ("", checkpoint):
        return replace(watch, checkpoint=checkpoint), ()
    beside, streams = watch.companions, watch.streams
    step = rebase.step(watch.state.baseline, streams, change, config.prior)
    beside = replace(
        beside,
        volume=beside.volume and volume.rebase(beside.volume, streams, step, config),
        positive=beside.positive
        and _rebase(beside.positive, streams, change.of_positives(), config),
    )
    state = _rebase(Spikes(watch.state, watch.open), streams, change, config).state
    how = step.source if step else "shares are doubted"
    reason = f"checkpoint {checkpoint} follows {watch.checkpoint}: evidence begins again, {how}"
    watch = replace(watch, state=state, checkpoint=checkpoint, companions=beside)
    return watch, (Note(Stream(), reason),)


def _rebase(
    spikes: Spikes, streams: tuple[Stream, ...], change: Change, config: DetectorConfig
) -> Spikes:
    known = spikes.state.baseline
    step = rebase.step(known, streams, change, config.prior)
    held = np.array([stream in spikes.open for stream in streams], dtype=np.bool_)
    new = rebase.shares(known, step) if step else None
    return replace(spikes, state=detector.rebase(spikes.state, new, held))


def _without_gaps(state: DetectorState, gaps: Gaps, here: Bin) -> DetectorState:
    """What was counted while news was missing is not learned, from the gap's first bin on."""
    if not gaps.streams or here.provisional:
        return state
    return detector.forget_since(state, gaps.mask(here.streams), gaps.first, here.number)


def _coverage(
    watch: WatchState, here: Bin, counts: Tally, listening: Listening
) -> tuple[WatchState, Gaps, Outcome]:
    """Only closed bins: that an open one has brought little so far says nothing."""
    beside = watch.companions
    if beside.coverage is None:
        return watch, Gaps(), Outcome()
    if here.provisional:
        return watch, coverage.gaps_of(beside.coverage, here, listening), Outcome()
    share = partial(expected_share, watch.state.baseline, here.config.prior)
    known, gaps, told = coverage.judge(beside.coverage, here, counts, share, listening)
    return replace(watch, companions=replace(beside, coverage=known)), gaps, told


def _volume(
    watch: WatchState,
    here: Bin,
    counts: Tally,
    share: Judged,
    gaps: Gaps,
    listening: Listening,
    ended: tuple[Alert, ...],
) -> tuple[WatchState, Outcome]:
    """Not where news is missing: what comes back comes all at once."""
    beside = watch.companions
    if beside.volume is None:
        return watch, Outcome()
    known = beside.volume
    if gaps.streams and not here.provisional:
        known = volume.without_gaps(known, gaps.mask(here.streams), gaps.first, here.number)
    well = np.full(len(here.streams), listening.heard and listening.counted)
    usable = well & ~gaps.mask(here.streams)
    known, told = volume.judge(known, here, counts, share, usable, watch.open, ended)
    return replace(watch, companions=replace(beside, volume=known)), told


def _positive(
    watch: WatchState, here: Bin, gaps: Gaps, listening: Listening
) -> tuple[WatchState, Outcome]:
    """The code of the negative share, on positive stories, with another budget."""
    beside, ledger = watch.companions, listening.positive_ledger
    if beside.positive is None or ledger is None:
        return watch, Outcome()
    rate = here.config.positive_alarms_per_week
    here = replace(here, config=replace(here.config, alarms_per_week=rate), ledger=ledger)
    state = _without_gaps(beside.positive.state, gaps, here)
    known, _, told = spikes.judge(
        replace(beside.positive, state=state), here, "positive_share", listening.positives,
        ledger, gaps.mask(here.streams),
    )  # fmt: skip
    told = replace(told, evidence=())  # the page's shares are negative ones
    return replace(watch, companions=replace(beside, positive=known)), told
