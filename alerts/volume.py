"""Surges of the number of negative stories: the companion that watches volume, not share.

A busy day raises it although nothing is worse than usual in proportion; that is its purpose, and
its alerts say "volume surge". It has a budget of its own. Where a crisis is open already, a surge
of the same stories becomes a child of it and is not announced again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import numpy as np

from alerts import counts as nb
from alerts import rebase as rebasing
from alerts import spikes
from alerts.budget import log_thresholds, parts, share_among
from alerts.contributors import Lost
from alerts.count_state import SURGE, CountConfig, CountState
from alerts.counts import CountJudged
from alerts.detector import Judged
from alerts.outcome import Bin, Counted, Outcome, named
from alerts.raising import Look, evidence_row, new_alerts
from alerts.rates import Mask, cap
from alerts.rebase import Step
from alerts.state import DetectorConfig
from alerts.types import Alert, Budget, Stream

DOUBT = timedelta(days=2)  # what the rate is worth after a change of checkpoint


@dataclass(frozen=True, slots=True)
class Volume:
    """What is remembered of each stream's number of negatives, and what is being said."""

    state: CountState
    open: Mapping[Stream, Alert] = field(default_factory=dict)


def config_of(config: DetectorConfig) -> CountConfig:
    return CountConfig.beside(config, SURGE, config.volume_alarms_per_week)


def begin(streams: int, config: DetectorConfig) -> Volume:
    """Streams of which nothing is known yet."""
    return Volume(nb.start(streams, config_of(config)))


def rebase(
    volume: Volume, streams: tuple[Stream, ...], step: Step | None, config: DetectorConfig
) -> Volume:
    """Another checkpoint finds other stories negative; `step` None: nobody can say how many."""
    rates = volume.state.rates
    if step is None:
        known = cap(rates, np.full(len(streams), DOUBT / config.bin))
    else:
        known = rebasing.rates(rates, step)
    held = named(streams, volume.open)
    return replace(volume, state=nb.rebase(volume.state, known, held))


def without_gaps(volume: Volume, rows: Mask, first: int, t: int) -> Volume:
    """What was counted while news was missing is not learned, from bin `first` on."""
    return replace(volume, state=nb.forget_since(volume.state, rows, first, t))


def judge(
    volume: Volume,
    here: Bin,
    share: Judged,
    usable: Mask | None,
    crises: Mapping[Stream, Alert],
    ended: tuple[Alert, ...],
) -> tuple[Volume, Outcome]:
    """Judge one bin. `crises` are the open alerts on shares, `ended` those just resolved."""
    config, promise = config_of(here.config), _promise(here)
    y, held, level = here.tally[:, 1], named(here.streams, volume.open), log_thresholds(*promise)
    state, judged = nb.step(volume.state, y, here.number, config, level, held, usable=usable)
    look = _look(here, share, state, judged, config, share_among(*promise))
    raised, notes = new_alerts(look, volume.open, crises)
    still_open = {**volume.open, **{alert.stream: alert for alert in raised}}
    if here.provisional:
        return replace(volume, open=still_open), Outcome((), raised, (), tuple(notes))
    resolved = _resolve(look, still_open, ended)
    if resolved:
        over, ids = {a.stream for a in resolved}, {a.id for a in resolved}
        state = nb.reset(state, named(here.streams, over))
        still_open = {s: a for s, a in still_open.items() if a.id not in ids}
    told = (*notes, *spikes.levels(look))
    counting = (partial(_counted, look),)
    return Volume(state, still_open), Outcome((), raised, resolved, told, (), counting)


def _promise(here: Bin) -> tuple[float, timedelta, tuple[float, ...]]:
    """False alarms a week over all streams, the width of a bin, the part of each stream."""
    config = here.config
    return config.volume_alarms_per_week, config.bin, parts(here.streams, config.weights)


def _look(
    here: Bin,
    share: Judged,
    state: CountState,
    judged: CountJudged,
    config: CountConfig,
    budgets: tuple[Budget, ...],
) -> Look:
    """The bin in the words in which alerts are raised; the baseline remains that of the share."""
    in_place = Judged(
        log_evidence=judged.log_evidence,
        gain=judged.gain,
        told_share=share.told_share,
        usual=share.usual,
        s_max=judged.s_max,
        onset=judged.onset,
        odds=judged.ratio,
        log_threshold=judged.log_threshold,
        new_level=judged.new_level,
    )
    return Look(
        "negative_volume", here, in_place, budgets, lambda k: _lost(judged, k, config),
        lambda k, first: float(nb.expected_since(state, first, here.number, config)[k]),
    )  # fmt: skip


def _lost(judged: CountJudged, k: int, config: CountConfig) -> Lost:
    """What a negative story adds: ln c, the same for each, by the mean of the newest bin."""
    one, none = np.array([1]), np.array([0])
    mu, phi = judged.expected[k : k + 1], judged.phi[k : k + 1]
    theta = (config.ratios[int(judged.ratio[k])],)
    weight = nb.log_ratios(one, mu, phi, theta) - nb.log_ratios(none, mu, phi, theta)
    return lambda n, y, negative: float(weight[0, 0]) if negative else 0.0


def _resolve(
    look: Look, open_alerts: Mapping[Stream, Alert], ended: tuple[Alert, ...]
) -> tuple[Alert, ...]:
    """Surges that have calmed down, and those inside a crisis that is over."""
    if not open_alerts:
        return ()
    calm = spikes.resolve(look, open_alerts)
    known, over = {alert.id for alert in calm}, {alert.id for alert in ended}
    inside = (a for a in open_alerts.values() if a.parent in over and a.id not in known)
    return (*calm, *(replace(a, status="resolved", resolved_at=look.here.until) for a in inside))


def _counted(look: Look) -> tuple[Counted, ...]:
    rising = np.flatnonzero(look.judged.s_max > 0).tolist()
    return tuple(Counted("negative_volume", "", evidence_row(look, k)) for k in rising)
