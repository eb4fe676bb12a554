"""How often a checkpoint errs: by its manifest, and by what analysts said of its labels.

The manifest counts rows that the checkpoint was not trained on. They are texts of another kind
than those watched, so they are believed like OTHERS stories of these, however many they were: on a
wire of gold news with human labels the rates of errors lay 0.6 logits away from the manifest's
(LOG.md), which is how unsure rates are that 100 stories tell. Stories that analysts audited are
added as they are. A checkpoint whose manifest tells nothing, as one that learned from verdicts,
is taken to err like the one that it was taught from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from alerts.quantify import Confusion, Corrected, corrected
from alerts.rebase import Change, Errors
from alerts.types import Alert
from monitor import audits
from monitor.config import Settings
from monitor.live_policy import place_of
from monitor.store import learning
from monitor.store.engine import Transaction
from policy.errors import CheckpointError
from policy.manifest import FALLBACK, describe

OTHERS = 100.0  # stories of the news watched that the manifest's rows are worth together
ENOUGH = 30  # audits by which alone a checkpoint is known

_HEADLINES, _TARGETS = "sentiment", "sentiment_target"  # what a manifest calls them
_CORRECTED = {"negative_share": 0, "positive_share": 2}  # row of the label that is counted


def corrected_share(tx: Transaction, settings: Settings, alert: Alert) -> Corrected | None:
    """The alert's share since its onset without the errors of the labels.

    None for alerts that are not about a share, and where nobody knows how often labels are wrong.
    """
    if alert.kind not in _CORRECTED:
        return None
    head = _TARGETS if alert.stream.target else _HEADLINES
    known = _known(tx, settings, alert.checkpoint, head)
    if known is None:
        return None
    known = replace(known, label=_CORRECTED[alert.kind])
    return corrected(alert.negatives_since_onset, alert.stories_since_onset, known)


def with_errors(
    tx: Transaction, settings: Settings, change: Change, before: str, after: str
) -> Change:
    """The same step between two checkpoints, with how often each of them errs."""
    headlines, targets = (
        _errors(*(_known(tx, settings, one, head) for one in (before, after)))
        for head in (_HEADLINES, _TARGETS)
    )
    return Change(change.negatives, change.positives, headlines, targets)


def confusion(metrics: Mapping[str, Any], head: str) -> Confusion | None:
    """Of the likeliest labels, which are counted; None where the manifest does not tell."""
    counts = metrics.get("likeliest", metrics).get(head, {}).get("confusion")
    return Confusion(tuple(tuple(row) for row in counts)) if counts else None


def _errors(before: Confusion | None, after: Confusion | None) -> Errors | None:
    return Errors(before, after) if before and after else None


def _known(tx: Transaction, settings: Settings, checkpoint: str, head: str) -> Confusion | None:
    """By manifest and audits together; None where both tell too little."""
    told = _told(tx, settings, checkpoint, head)
    prior = np.array(told.counts, dtype=np.float64) if told else np.zeros((3, 3))
    prior *= min(1.0, OTHERS / max(prior.sum(), 1.0))
    window = timedelta(days=settings.review.window_days)
    seen = audits.seen(tx, checkpoint, head == _TARGETS, window, prior)
    if told is None and round(seen.sum()) < ENOUGH:
        return None
    return Confusion(tuple(tuple(row) for row in (prior + seen).tolist()))


def _told(tx: Transaction, settings: Settings, checkpoint: str, head: str) -> Confusion | None:
    found = (confusion(_metrics(tx, settings, one), head) for one in _lineage(tx, checkpoint))
    return next((one for one in found if one), None)


def _lineage(tx: Transaction, checkpoint: str) -> Iterator[str]:
    """The checkpoint, the one that it was taught from, and so on."""
    met: set[str] = set()
    while checkpoint and checkpoint not in met:
        yield checkpoint
        met.add(checkpoint)
        known = learning.find_checkpoint(tx, checkpoint)
        checkpoint = known.parent if known else ""


def _metrics(tx: Transaction, settings: Settings, checkpoint: str) -> Mapping[str, Any]:
    for place in (place_of(tx, settings, checkpoint), FALLBACK):
        found = _metrics_at(place, checkpoint)
        if found is not None:
            return found
    return {}


def _metrics_at(place: Path, checkpoint: str) -> Mapping[str, Any] | None:
    try:
        description = describe(place)
    except CheckpointError:
        return None
    return description.metrics if description.id == checkpoint else None
