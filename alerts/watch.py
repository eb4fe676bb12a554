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
from alerts.coverage import Coverage, Gaps
from alerts.detector import DetectorConfig, DetectorState, Judged
from alerts.ledger import LabelledStory, Ledger, Listening
from alerts.memory import cautious_share
from alerts.outcome import EPOCH, Bin, Counted, Note, Outcome, Tally, counted
from alerts.rebase import Change
from alerts.spikes import Spikes
from alerts.types import Alert, Evidence, Stream
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
    "begin",
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


def declared(
    topics: Iterable[str], names: Iterable[str], pairs: Iterable[tuple[str, str]] = ()
) -> tuple[Stream, ...]:
    """All that is watched: the whole first, each topic, each name, each topic of a name that was
    asked for (topic and name). The promise is over these."""
    by_topic = (Stream(topic=topic) for topic in topics)
    by_name = (Stream(target=name) for name in names)
    return (Stream(), *by_topic, *by_name, *(Stream(topic, name) for topic, name in pairs))


def counted_in(topic: str, target: str) -> tuple[Stream, ...]:
    """The streams that count a label: a name's takes what is said of it, whatever the topic, and
    that of a name and a topic what is said of it there; the whole and a topic's take the headline
    as such."""
    if target:
        return Stream(target=target), Stream(topic, target)
    return Stream(), Stream(topic=topic)


def watch(
    topics: Iterable[str], names: Iterable[str], config: DetectorConfig, feeds: Iterable[str] = ()
) -> WatchState:
    """Streams of which nothing is known yet: the whole, each topic, each watched name."""
    return begin(declared(topics, names), config, feeds)


def begin(
    streams: tuple[Stream, ...], config: DetectorConfig, feeds: Iterable[str] = ()
) -> WatchState:
    """Declared streams of which nothing is known yet."""
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
    streams, until = watch.streams, start + config.bin
    until = min(now, until) if provisional else until
    tally = counted(streams, counts)
    number = (start - EPOCH) // config.bin
    here = Bin(streams, start, until, provisional, ledger, checkpoint, config, tally, number)
    holes, gaps, missing = _coverage(watch, here, listening)
    paused = gaps.mask(streams)
    known = Spikes(_without_gaps(watch.state, gaps, here), watch.open)
    known, judged, found = spikes.judge(known, here, "negative_share", paused)
    crises = (known.open, found.resolved)
    surges, rising = _volume(watch.companions, here, judged, gaps, listening, *crises)
    rises, better = _positive(watch.companions, here, gaps, listening)
    beside = Companions(surges, holes, rises)
    watch = WatchState(streams, known.state, known.open, checkpoint, beside)
    told = found + rising + missing + better
    return watch, (Outcome(notes=notes) + told if notes else told)


def _change_checkpoint(
    watch: WatchState, checkpoint: str, change: Change, config: DetectorConfig
) -> tuple[WatchState, tuple[Note, ...]]:
    """Every detector of labels begins again from what the new labels would have taught it."""
    if watch.checkpoint in ("", checkpoint):
        return watch, ()
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
    return replace(watch, state=state, companions=beside), (Note(Stream(), reason),)


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
    watch: WatchState, here: Bin, listening: Listening
) -> tuple[Coverage | None, Gaps, Outcome]:
    """Only closed bins: that an open one has brought little so far says nothing."""
    known = watch.companions.coverage
    if known is None:
        return None, Gaps(), Outcome()
    if here.provisional:
        return known, coverage.gaps_of(known, here, listening), Outcome()
    share = partial(cautious_share, watch.state, here.config, here.kin)
    return coverage.judge(known, here, share, listening)


def _volume(
    beside: Companions,
    here: Bin,
    share: Judged,
    gaps: Gaps,
    listening: Listening,
    crises: Mapping[Stream, Alert],
    ended: tuple[Alert, ...],
) -> tuple[Volume | None, Outcome]:
    """Not where news is missing: what comes back comes all at once."""
    known = beside.volume
    if known is None:
        return None, Outcome()
    usable, well = None, listening.heard and listening.counted
    if gaps.streams or not well:
        missing = gaps.mask(here.streams)
        usable = well & ~missing
        if gaps.streams and not here.provisional:
            known = volume.without_gaps(known, missing, gaps.first, here.number)
    return volume.judge(known, here, share, usable, crises, ended)


def _positive(
    beside: Companions, here: Bin, gaps: Gaps, listening: Listening
) -> tuple[Spikes | None, Outcome]:
    """The code of the negative share, on positive stories, with another budget."""
    known, ledger = beside.positive, listening.positive_ledger
    if known is None or ledger is None:
        return known, Outcome()
    config = replace(here.config, alarms_per_week=here.config.positive_alarms_per_week)
    tally = counted(here.streams, listening.positives)
    here = replace(here, config=config, ledger=ledger, tally=tally)
    known = replace(known, state=_without_gaps(known.state, gaps, here))
    known, _, told = spikes.judge(known, here, "positive_share", gaps.mask(here.streams))
    counting = partial(_counted_good, told.evidence)  # the page's shares are negative ones
    return known, replace(told, evidence=(), counting=(counting,))


def _counted_good(judged: tuple[Evidence, ...]) -> tuple[Counted, ...]:
    """Bins of positive stories, kept apart from those of negative ones."""
    usual = [replace(one, expected=one.baseline * one.stories) for one in judged]
    return tuple(Counted("positive_share", "", one) for one in usual)
