"""Every bin of a span through the detector, in order: for archives and for the store's past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.baseline import dispersion
from alerts.detector import DetectorConfig
from alerts.outcome import EPOCH
from alerts.types import Alert, Evidence, Stream
from alerts.watch import Outcome, WatchState, begin, judge_bin
from monitor.replay_ledger import MemoryLedger, number_of

_EVERY = 256  # bins between two words of progress


@dataclass(frozen=True, slots=True)
class Span:
    """What is judged: the bins of `first` to `last`, by the labels of which checkpoint."""

    first: datetime
    last: datetime
    checkpoint: str  # where `checkpoints` names none
    checkpoints: Mapping[int, str]  # by number of bin, where another took over


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of it."""

    alerts: tuple[Alert, ...]  # as they ended: resolved, or still firing
    evidence: tuple[Evidence, ...]  # of every bin and stream with stories, in order of time
    bins: int
    dispersion: Mapping[Stream, float]  # ρ as it was known in the end


def judge(
    ledger: MemoryLedger,
    streams: tuple[Stream, ...],
    config: DetectorConfig,
    span: Span,
    progress: Callable[[int, int], None] | None = None,
) -> Judgement:
    """From a detector that knows nothing yet."""
    state = begin(streams, config)
    counts = ledger.counts(state.streams, config.bin)
    first, last = number_of(span.first, config.bin), number_of(span.last, config.bin)
    alerts: dict[str, Alert] = {}
    evidence: list[Evidence] = []
    checkpoint = span.checkpoint
    for number in range(first, last + 1):
        start = EPOCH + number * config.bin
        here, now = counts.get(number, {}), start + config.bin
        checkpoint = span.checkpoints.get(number, checkpoint)
        state, outcome = judge_bin(state, start, here, ledger, config, checkpoint, now)
        alerts.update((alert.id, alert) for alert in _spoken(outcome))
        evidence += outcome.evidence
        if progress and (number == last or number % _EVERY == 0):
            progress(number + 1 - first, last + 1 - first)
    return Judgement(tuple(alerts.values()), tuple(evidence), last + 1 - first, _rho(state, config))


def _spoken(outcome: Outcome) -> tuple[Alert, ...]:
    return (*outcome.raised, *outcome.changed, *outcome.resolved)


def _rho(state: WatchState, config: DetectorConfig) -> dict[Stream, float]:
    rho = dispersion(state.state.baseline, config.prior)
    return dict(zip(state.streams, rho.tolist(), strict=True))
