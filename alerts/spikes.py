"""Spikes of a share in one bin of all streams: the negative one and, on request, the positive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts import detector, lifecycle
from alerts.baseline import Mask
from alerts.contributors import lost_share
from alerts.detector import DetectorState, Judged
from alerts.outcome import Bin, Note, Outcome, named, span
from alerts.raising import Look, evidence_row, new_alerts
from alerts.types import Alert, Evidence, Kind, Stream


@dataclass(frozen=True, slots=True)
class Spikes:
    """What is remembered of each stream, and what is being said about them."""

    state: DetectorState
    open: Mapping[Stream, Alert] = field(default_factory=dict)  # not yet resolved


def judge(spikes: Spikes, here: Bin, kind: Kind, paused: Mask) -> tuple[Spikes, Judged, Outcome]:
    """Judge one bin. `here` has the budget, the counts and the ledger of this kind."""
    (n, y), held = here.tally.T, named(here.streams, spikes.open)
    level, number = here.config.log_thresholds(here.streams), here.number
    state, judged = detector.step(
        spikes.state, n, y, number, here.config, held, paused, level, here.provisional, here.kin
    )
    look = Look(
        kind, here, judged, here.config.budgets(here.streams),
        lambda k: lost_share(judged, k, here.config),
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
    state = detector.reset(spikes.state, named(streams, over))
    still_open = {s: a for s, a in spikes.open.items() if a.id not in ids}
    return replace(spikes, state=state, open=still_open)


def _evidence(look: Look) -> tuple[Evidence, ...]:
    return tuple(evidence_row(look, k) for k in look.here.tally[:, 0].nonzero()[0].tolist())


def levels(look: Look) -> list[Note]:
    rows = look.judged.new_level.nonzero()[0].tolist()
    if not rows:
        return []
    lasted = span(look.here.config.freeze_limit)
    reason = f"{look.kind}: new level: the rise has lasted {lasted} and is now the baseline"
    return [Note(look.here.streams[k], reason) for k in rows]


def resolve(look: Look, open_alerts: Mapping[Stream, Alert]) -> tuple[Alert, ...]:
    """Crises of which every stream has calmed down: max S_θ below half of ln A."""
    if not open_alerts:
        return ()
    here, calm = look.here, look.judged.s_max < look.judged.log_threshold / 2
    over = dict(zip(here.streams, calm, strict=True))
    return tuple(
        replace(alert, status="resolved", resolved_at=here.until)
        for family in lifecycle.families(open_alerts.values())
        if all(over.get(a.stream, True) and a.evidence.start < here.start for a in family)
        for alert in family
    )
