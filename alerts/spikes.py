"""Spikes of a share in one bin of all streams: the negative one and, on request, the positive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from alerts import detector, lifecycle
from alerts.baseline import Mask
from alerts.contributors import lost_share
from alerts.detector import DetectorState, Judged
from alerts.ledger import Ledger
from alerts.outcome import Bin, Note, Outcome, span
from alerts.raising import Look, evidence_row, new_alerts
from alerts.types import Alert, Evidence, Kind, Stream

Tally = Mapping[Stream, tuple[int, int]]  # stories, and those of them that count


@dataclass(frozen=True, slots=True)
class Spikes:
    """What is remembered of each stream, and what is being said about them."""

    state: DetectorState
    open: Mapping[Stream, Alert] = field(default_factory=dict)  # not yet resolved


def judge(
    spikes: Spikes, here: Bin, kind: Kind, counts: Tally, ledger: Ledger, paused: Mask
) -> tuple[Spikes, Judged, Outcome]:
    """Judge one bin. `here.config` holds the budget of this kind."""
    n, y = np.array([counts.get(s, (0, 0)) for s in here.streams], dtype=np.int64).T
    held = np.array([s in spikes.open for s in here.streams], dtype=np.bool_)
    budgets = here.config.budgets(here.streams)
    level = here.config.log_thresholds(here.streams)
    number = here.number
    state, judged = detector.step(
        spikes.state, n, y, number, here.config, held, paused, level, here.provisional
    )
    look = Look(
        kind, here.streams, judged, here.start, here.until, here.config, ledger,
        here.checkpoint, counts, budgets, lambda k: lost_share(judged, k, here.config),
    )  # fmt: skip
    raised, notes = new_alerts(look, spikes.open)
    still_open = {**spikes.open, **{alert.stream: alert for alert in raised}}
    if here.provisional:
        outcome = Outcome(_evidence(look), raised, (), tuple(notes))
        return Spikes(spikes.state, still_open), judged, outcome
    resolved = resolve(look, still_open)
    spikes = close(Spikes(state, still_open), here.streams, resolved)
    outcome = Outcome(_evidence(look), raised, resolved, (*notes, *levels(look)))
    return spikes, judged, outcome


def close(spikes: Spikes, streams: tuple[Stream, ...], resolved: tuple[Alert, ...]) -> Spikes:
    """Begin again where an alert has ended."""
    if not resolved:
        return spikes
    over, ids = {a.stream for a in resolved}, {a.id for a in resolved}
    closed = np.array([s in over for s in streams], dtype=np.bool_)
    still_open = {s: a for s, a in spikes.open.items() if a.id not in ids}
    return replace(spikes, state=detector.reset(spikes.state, closed), open=still_open)


def _evidence(look: Look) -> tuple[Evidence, ...]:
    rows = [k for k, s in enumerate(look.streams) if look.counts.get(s, (0, 0))[0] > 0]
    return tuple(evidence_row(look, k) for k in rows)


def levels(look: Look) -> list[Note]:
    rows = np.flatnonzero(look.judged.new_level)
    lasted = span(look.config.freeze_limit)
    reason = f"{look.kind}: new level: the rise has lasted {lasted} and is now the baseline"
    return [Note(look.streams[k], reason) for k in rows]


def resolve(look: Look, open_alerts: Mapping[Stream, Alert]) -> tuple[Alert, ...]:
    """Crises of which every stream has calmed down: max S_θ below half of ln A."""
    calm = look.judged.s_max < look.judged.log_threshold / 2
    over = dict(zip(look.streams, calm, strict=True))
    return tuple(
        replace(alert, status="resolved", resolved_at=look.until)
        for family in lifecycle.families(open_alerts.values())
        if all(over.get(a.stream, True) and a.evidence.start < look.start for a in family)
        for alert in family
    )
