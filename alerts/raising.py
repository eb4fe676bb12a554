"""From crossed thresholds to alerts: who may speak, under which parent, on what evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts import lifecycle
from alerts.budget import share_out
from alerts.contributors import heaviest
from alerts.detector import DetectorConfig, Judged
from alerts.ledger import Ledger
from alerts.lifecycle import Fresh, Rise
from alerts.types import Alert, Evidence, Stream

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ORIGIN_MEMORY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth logging that is no alert."""

    stream: Stream
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """The bin being judged."""

    streams: tuple[Stream, ...]
    judged: Judged
    start: datetime
    until: datetime  # end of the bin, or now while it is open
    config: DetectorConfig
    ledger: Ledger
    checkpoint: str
    counts: Mapping[Stream, tuple[int, int]]

    @property
    def log_threshold(self) -> float:
        return self.config.log_threshold(len(self.streams))

    def time(self, bin_number: int) -> datetime:
        return EPOCH + bin_number * self.config.bin


def evidence_row(look: Look, k: int) -> Evidence:
    stories, negatives = look.counts.get(look.streams[k], (0, 0))
    return Evidence(
        stream=look.streams[k],
        start=look.start,
        width=look.config.bin,
        stories=stories,
        negatives=negatives,
        baseline=float(look.judged.share[k]),
        log_evidence=float(look.judged.log_evidence[k]),
        gain=float(look.judged.gain[k]),
    )


def new_alerts(
    look: Look, open_alerts: Mapping[Stream, Alert]
) -> tuple[tuple[Alert, ...], list[Note]]:
    """New alerts, grouped into crises, and the reasons of those held back."""
    crossed, notes = _crossed(look, open_alerts)
    if not crossed:
        return (), notes
    rises = _rises(look, open_alerts, crossed)
    raised: dict[Stream, Alert] = {}
    for stream in sorted(crossed, key=lambda s: -rises[s].log_evidence):
        if stream not in raised:
            raised.update(_raise_crisis(look, stream, crossed, rises, open_alerts))
    order = sorted(raised.values(), key=lambda a: a.parent is not None)
    return tuple(order), notes


def _crossed(look: Look, open_alerts: Mapping[Stream, Alert]) -> tuple[list[Stream], list[Note]]:
    """Streams that may alert now, and why others above the threshold may not."""
    crossed, notes = [], []
    for k in np.flatnonzero(look.judged.log_evidence >= look.log_threshold):
        stream = look.streams[k]
        if stream in open_alerts or look.counts.get(stream, (0, 0))[0] == 0:
            continue
        day = look.ledger.stories(stream, look.until - max(DAY, look.config.bin), look.until)
        seen = look.ledger.origins(stream, look.until - ORIGIN_MEMORY, look.until)
        fresh = Fresh(float(look.judged.gain[k]), day, seen)
        reason = lifecycle.why_hold(fresh, look.config.min_stories, look.config.min_origins)
        if reason is None:
            crossed.append(stream)
        else:
            notes.append(Note(stream, reason))
    return crossed, notes


def _rises(
    look: Look, open_alerts: Mapping[Stream, Alert], crossed: Sequence[Stream]
) -> dict[Stream, Rise]:
    """All streams that are suspected, crossed or open, with their stories since onset."""
    rises = {}
    for k, stream in enumerate(look.streams):
        alert = open_alerts.get(stream)
        suspected = look.judged.s_max[k] > look.log_threshold / 2
        if alert is None and stream not in crossed and not suspected:
            continue
        onset = alert.onset if alert else _onset(look, k)
        stories = tuple(look.ledger.stories(stream, onset, look.until))
        evidence, share = float(look.judged.log_evidence[k]), float(look.judged.share[k])
        rises[stream] = Rise(stream, onset, evidence, share, stories)
    return rises


def _onset(look: Look, k: int) -> datetime:
    """First bin of the largest CUSUM part; this bin where it has no part left."""
    number = int(look.judged.onset[k])
    return look.time(number) if number >= 0 and look.judged.s_max[k] > 0 else look.start


def _raise_crisis(
    look: Look,
    seed: Stream,
    crossed: Sequence[Stream],
    rises: Mapping[Stream, Rise],
    open_alerts: Mapping[Stream, Alert],
) -> dict[Stream, Alert]:
    """Alerts of the streams that crossed in the crisis of `seed`, under one parent."""
    members = lifecycle.crisis(seed, rises, look.config.overlap)
    known = [open_alerts[s] for s in members if s in open_alerts]
    new = [s for s in crossed if s in members]
    if known:
        oldest = min(known, key=lambda a: (a.raised_at, a.parent is not None, a.id))
        root_id = oldest.parent or oldest.id
        return {s: _alert(look, rises[s], root_id) for s in new}
    suspects = [s for s in members if s not in open_alerts]
    root = lifecycle.headline(new, suspects, rises, look.config.overlap)
    parent = _alert(look, rises[root], None)
    return {root: parent, **{s: _alert(look, rises[s], parent.id) for s in new if s != root}}


def _alert(look: Look, rise: Rise, parent: str | None) -> Alert:
    k = look.streams.index(rise.stream)
    config, evidence = look.config, evidence_row(look, k)
    return Alert(
        id=lifecycle.alert_id("negative_share", rise.stream, look.start),
        stream=rise.stream,
        kind="negative_share",
        severity=lifecycle.severity(rise.log_evidence, look.log_threshold),
        status="firing",
        onset=_onset(look, k),
        raised_at=look.until,
        evidence=evidence,
        stories_since_onset=len(rise.stories),
        negatives_since_onset=len(rise.negatives()),
        baseline=rise.baseline,
        stories=heaviest(rise.stories, look.judged, k, config),
        checkpoint=look.checkpoint,
        budget=share_out(config.alarms_per_week, len(look.streams), config.bin),
        parent=parent,
        fallback_stories=sum(story.fallback for story in rise.stories),
    )
