"""One bin of all watched streams, end to end: counts in; evidence, alerts and reasons out.

Pure but for the questions to the ledger, which are asked only about streams under suspicion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from alerts import detector, lifecycle
from alerts.detector import DetectorConfig, DetectorState
from alerts.ledger import LabelledStory, Ledger
from alerts.raising import EPOCH, Look, Note, evidence_row, new_alerts
from alerts.types import Alert, Evidence, Stream

__all__ = [
    "LabelledStory",
    "Ledger",
    "Note",
    "Outcome",
    "WatchState",
    "counted_in",
    "declared",
    "judge_bin",
    "watch",
]


@dataclass(frozen=True, slots=True)
class WatchState:
    """All streams, what is remembered of each, and what is being said about them."""

    streams: tuple[Stream, ...]  # the whole first
    state: DetectorState
    open: Mapping[Stream, Alert] = field(default_factory=dict)  # not yet resolved
    checkpoint: str = ""  # that labelled what the state has learned


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one bin led to. `raised`: parents before their children."""

    evidence: tuple[Evidence, ...]
    raised: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    notes: tuple[Note, ...]


def declared(topics: Iterable[str], names: Iterable[str]) -> tuple[Stream, ...]:
    """All that is watched: the whole first, each topic, each name. The promise is over these."""
    by_topic = (Stream(topic=topic) for topic in topics)
    return (Stream(), *by_topic, *(Stream(target=name) for name in names))


def counted_in(topic: str, target: str) -> tuple[Stream, ...]:
    """The streams that count a label: a name's takes what is said of it, whatever the topic; the
    whole and a topic's take the headline as such."""
    return (Stream(target=target),) if target else (Stream(), Stream(topic=topic))


def watch(topics: Iterable[str], names: Iterable[str], config: DetectorConfig) -> WatchState:
    """Streams of which nothing is known yet: the whole, each topic, each watched name."""
    streams = declared(topics, names)
    return WatchState(streams, detector.start(len(streams), config))


def judge_bin(
    watch: WatchState,
    start: datetime,
    counts: Mapping[Stream, tuple[int, int]],
    ledger: Ledger,
    config: DetectorConfig,
    checkpoint: str,
    now: datetime,
    provisional: bool = False,
) -> tuple[WatchState, Outcome]:
    """Judge the bin that begins at `start`; counts: stories and negatives by stream.

    Bins must come in order and without gaps (an empty one too: baselines age by the clock).
    `provisional`: the bin is still open; the state stays as it was but for alerts raised.
    """
    watch, notes = _change_checkpoint(watch, checkpoint)
    n, y = np.array([counts.get(s, (0, 0)) for s in watch.streams], dtype=np.int64).T
    held = np.array([s in watch.open for s in watch.streams], dtype=np.bool_)
    number = (start - EPOCH) // config.bin
    state, judged = detector.step(watch.state, n, y, number, config, held)
    until = min(now, start + config.bin) if provisional else start + config.bin
    look = Look(watch.streams, judged, start, until, config, ledger, checkpoint, counts)
    raised, reasons = new_alerts(look, watch.open)
    still_open = {**watch.open, **{alert.stream: alert for alert in raised}}
    if provisional:
        outcome = Outcome(_evidence(look), raised, (), (*notes, *reasons))
        return replace(watch, open=still_open), outcome
    resolved = _resolve(look, still_open)
    closed = np.array([s in {a.stream for a in resolved} for s in watch.streams], dtype=np.bool_)
    watch = replace(
        watch,
        state=detector.reset(state, closed) if resolved else state,
        open={s: a for s, a in still_open.items() if a.id not in {r.id for r in resolved}},
    )
    return watch, Outcome(_evidence(look), raised, resolved, (*notes, *reasons, *_levels(look)))


def _change_checkpoint(watch: WatchState, checkpoint: str) -> tuple[WatchState, list[Note]]:
    if watch.checkpoint in ("", checkpoint):
        return replace(watch, checkpoint=checkpoint), []
    reason = f"checkpoint {checkpoint} follows {watch.checkpoint}: evidence begins again"
    state = detector.rebase(watch.state)
    return replace(watch, state=state, checkpoint=checkpoint), [Note(Stream(), reason)]


def _levels(look: Look) -> list[Note]:
    rows = np.flatnonzero(look.judged.new_level)
    days = look.config.freeze_limit.days
    reason = f"new level: the rise has lasted {days} days and is now the baseline"
    return [Note(look.streams[k], reason) for k in rows]


def _evidence(look: Look) -> tuple[Evidence, ...]:
    rows = [k for k, s in enumerate(look.streams) if look.counts.get(s, (0, 0))[0] > 0]
    return tuple(evidence_row(look, k) for k in rows)


def _resolve(look: Look, open_alerts: Mapping[Stream, Alert]) -> tuple[Alert, ...]:
    """Crises of which every stream has calmed down: max S_θ below half of ln A."""
    calm = look.judged.s_max < look.log_threshold / 2
    over = dict(zip(look.streams, calm, strict=True))
    return tuple(
        replace(alert, status="resolved", resolved_at=look.until)
        for family in lifecycle.families(open_alerts.values())
        if all(over.get(a.stream, True) and a.evidence.start < look.start for a in family)
        for alert in family
    )
