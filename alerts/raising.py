"""From crossed thresholds to alerts: who may speak, under which parent, on what evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np

from alerts import lifecycle, outlets
from alerts.contributors import Lost, heaviest
from alerts.detector import Judged
from alerts.lifecycle import Fresh, Rise
from alerts.outcome import Bin, Note
from alerts.outlets import Claim, Heard
from alerts.owners import ByOwner
from alerts.types import Alert, Budget, Evidence, Kind, Stream

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
ORIGIN_MEMORY = 2 * WEEK


@dataclass(frozen=True, slots=True)
class Look:
    """The bin being judged, with what was found of it."""

    kind: Kind
    here: Bin
    judged: Judged
    budgets: tuple[Budget, ...]  # of each stream
    lost: Callable[[int], Lost]  # of stream k: what a story adds to the evidence
    expected: Callable[[int, int], float] | None = None  # of stream k since a bin: negatives


def evidence_row(look: Look, k: int) -> Evidence:
    here, judged = look.here, look.judged
    return Evidence(
        stream=here.streams[k],
        start=here.start,
        width=here.config.bin,
        stories=int(here.tally[k, 0]),
        negatives=int(here.tally[k, 1]),
        baseline=judged.share_of(k),
        log_evidence=float(judged.log_evidence[k]),
        gain=float(judged.gain[k]),
        expected=look.expected(k, here.number) if look.expected else None,
    )


def new_alerts(
    look: Look,
    open_alerts: Mapping[Stream, Alert],
    crises: Mapping[Stream, Alert] = MappingProxyType({}),
) -> tuple[tuple[Alert, ...], list[Note]]:
    """New alerts, grouped into crises, and the reasons of those held back.

    `open_alerts` are those of the same kind; `crises`, of another kind, may take them in.
    """
    crossed, notes = _crossed(look, open_alerts)
    if not crossed:
        return (), notes
    known = {**open_alerts, **crises}
    rises = _rises(look, known, crossed)
    raised: dict[Stream, Alert] = {}
    for stream in sorted(crossed, key=lambda s: -rises[s].margin):
        if stream not in raised:
            raised.update(_raise_crisis(look, stream, crossed, rises, known))
    order = sorted(raised.values(), key=lambda a: a.parent is not None)
    return tuple(order), notes


def _crossed(look: Look, open_alerts: Mapping[Stream, Alert]) -> tuple[list[Stream], list[Note]]:
    """Streams that may alert now, and why others above the threshold may not."""
    crossed, notes = [], []
    above = look.judged.log_evidence >= look.judged.log_threshold
    for k in np.flatnonzero(above & (look.here.tally[:, 0] > 0)).tolist():
        stream = look.here.streams[k]
        if stream in open_alerts:
            continue
        reason = _why_hold(look, k)
        if reason is None:
            crossed.append(stream)
        else:
            notes.append(Note(stream, reason))
    return crossed, notes


def _why_hold(look: Look, k: int) -> str | None:
    """Beyond what every alert needs: what verdicts ask of this stream, and what they know.

    Outlets speak by their owners here; what is raised names the outlets.
    """
    here, bars, stream = look.here, look.here.config.bars, look.here.streams[k]
    margin = float(look.judged.log_evidence[k] - look.judged.log_threshold[k])
    owned = ByOwner(here.ledger, owners := here.config.owners)
    day = owned.stories(stream, here.until - _lately(here.config.bin), here.until)
    if margin < lifecycle.CRITICAL_MARGIN:
        if margin < (bar := _bar(look, stream)):
            return f"verdicts ask for {bar:.1f} nats above the threshold, it has {margin:.1f}"
        day = [story for story in day if story.id not in bars.known]
    seen = here.ledger.origins(stream, here.until - ORIGIN_MEMORY, here.until)
    fresh = Fresh(float(look.judged.gain[k]), day, len(owners.counted(seen)))
    held = lifecycle.why_hold(fresh, here.config.min_stories, here.config.min_origins)
    if held or len(seen) < 2:
        return held
    return _why_hold_outlets(replace(look, here=replace(here, ledger=owned)), k, fresh)


def _why_hold_outlets(look: Look, k: int, fresh: Fresh) -> str | None:
    """Where several outlets are heard, the rise must not be one outlet's."""
    here, onset = look.here, _onset(look, k)
    stories = here.ledger.stories(here.streams[k], onset, here.until)
    evidence, level = float(look.judged.log_evidence[k]), float(look.judged.log_threshold[k])
    lost = outlets.alike(evidence, stories) if look.expected else look.lost(k)

    def lacks(gone: Set[int]) -> str | None:
        left = replace(fresh, stories=[story for story in fresh.stories if story.id not in gone])
        return lifecycle.why_hold(left, here.config.min_stories, here.config.min_origins)

    rising = here.until - onset
    claim = Claim(evidence, level, stories, lost, here.config.bin, rising, fresh.stories, lacks)
    lately = here.until - _lately(here.config.bin)
    first = min(lately, max(onset, here.until - WEEK))
    heard = [
        _heard(here, since) for since in {lately, first} if since == lately or _known(here, since)
    ]
    return outlets.why_hold(claim, heard, here.config.min_stories)


def _known(here: Bin, since: datetime) -> bool:
    """Whether a whole week was heard before: outlets rest at weekends."""
    return bool(here.ledger.origins(Stream(), since - ORIGIN_MEMORY, since - WEEK))


def _heard(here: Bin, since: datetime) -> Heard:
    lately = here.ledger.origins(Stream(), since, here.until)
    before = here.ledger.origins(Stream(), since - ORIGIN_MEMORY, since)
    return Heard(lately, before, here.until - since, (here.until - since) / ORIGIN_MEMORY)


def _lately(width: timedelta) -> timedelta:
    """In which an alert needs its distinct stories: a day, or three bins of a day.

    Thin streams tell a crisis over days, a story or two on each. Of one day alone most of what
    crosses the threshold by the day could never speak.
    """
    return DAY if width < DAY else 3 * width


def _bar(look: Look, stream: Stream) -> float:
    return look.here.config.bars.raises.get((look.kind, stream), 0.0)


def _rises(
    look: Look, known: Mapping[Stream, Alert], crossed: Sequence[Stream]
) -> dict[Stream, Rise]:
    """All streams that are suspected, crossed or open, with their stories since onset."""
    rises = {}
    suspected = look.judged.s_max > look.judged.log_threshold / 2
    for k, stream in enumerate(look.here.streams):
        if suspected[k] or stream in crossed or stream in known:
            rises[stream] = _rise(look, k, None if stream in crossed else known.get(stream))
    return rises


def _rise(look: Look, k: int, alert: Alert | None) -> Rise:
    here, stream, judged = look.here, look.here.streams[k], look.judged
    onset = alert.onset if alert else _onset(look, k)
    return Rise(
        stream,
        onset,
        float(judged.log_evidence[k]),
        judged.share_of(k),
        tuple(here.ledger.stories(stream, onset, here.until)),
        float(judged.log_threshold[k]),
        look.expected(k, here.number_of(onset)) if look.expected else None,
    )


def _onset(look: Look, k: int) -> datetime:
    """First bin of the largest CUSUM part; this bin where it has no part left."""
    number = int(look.judged.onset[k])
    return look.here.time(number) if number >= 0 and look.judged.s_max[k] > 0 else look.here.start


def _raise_crisis(
    look: Look,
    seed: Stream,
    crossed: Sequence[Stream],
    rises: Mapping[Stream, Rise],
    known: Mapping[Stream, Alert],
) -> dict[Stream, Alert]:
    """Alerts of the streams that crossed in the crisis of `seed`, under one parent."""
    members = lifecycle.crisis(seed, rises, look.here.config.overlap)
    open_here = [
        alert
        for family in lifecycle.families(known[s] for s in members if s in known)
        if lifecycle.explained(rises[seed], (rises[a.stream] for a in family))
        for alert in family
    ]
    new = [s for s in crossed if s in members]
    if open_here:
        oldest = min(open_here, key=lambda a: (a.raised_at, a.parent is not None, a.id))
        root_id = oldest.parent or oldest.id
        return {s: _alert(look, rises[s], root_id) for s in new}
    suspects = [s for s in members if s not in known]
    root = lifecycle.headline(new, suspects, rises, look.here.config.overlap)
    parent = _alert(look, rises[root], None)
    return {root: parent, **{s: _alert(look, rises[s], parent.id) for s in new if s != root}}


def _alert(look: Look, rise: Rise, parent: str | None) -> Alert:
    here, bar = look.here, _bar(look, rise.stream)
    k = here.streams.index(rise.stream)
    return Alert(
        id=lifecycle.alert_id(look.kind, rise.stream, here.start),
        stream=rise.stream,
        kind=look.kind,
        severity=lifecycle.severity(rise.log_evidence, rise.log_threshold),
        status="firing",
        onset=rise.onset,
        raised_at=here.until,
        evidence=evidence_row(look, k),
        stories_since_onset=len(rise.stories),
        negatives_since_onset=len(rise.negatives()),
        baseline=rise.baseline,
        stories=heaviest(rise.stories, here.config.bin, look.lost(k)),
        checkpoint=here.checkpoint,
        budget=look.budgets[k],
        parent=parent,
        fallback_stories=sum(story.fallback for story in rise.stories),
        expected=rise.expected,
        bar=bar if rise.margin >= bar else 0.0,  # else it speaks for the whole, which crossed
    )
