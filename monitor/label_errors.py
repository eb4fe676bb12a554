"""How often a checkpoint errs, as its manifest tells it of the rows that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alerts.quantify import Confusion, Corrected, corrected
from alerts.rebase import Change, Errors
from alerts.types import Alert
from monitor.config import Settings
from monitor.live_policy import place_of
from monitor.store.engine import Transaction
from policy.errors import CheckpointError
from policy.manifest import FALLBACK, describe

_HEADLINES, _TARGETS = "sentiment", "sentiment_target"  # what a manifest calls them
_CORRECTED = {"negative_share": 0, "positive_share": 2}  # row of the label that is counted


def corrected_share(tx: Transaction, settings: Settings, alert: Alert) -> Corrected | None:
    """The alert's share since its onset without the errors of the labels.

    None for alerts that are not about a share, and where nobody knows how often labels are wrong.
    """
    if alert.kind not in _CORRECTED:
        return None
    head = _TARGETS if alert.stream.target else _HEADLINES
    known = confusion(_metrics(tx, settings, alert.checkpoint), head, _CORRECTED[alert.kind])
    if known is None:
        return None
    return corrected(alert.negatives_since_onset, alert.stories_since_onset, known)


def with_errors(
    tx: Transaction, settings: Settings, change: Change, before: str, after: str
) -> Change:
    """The same step between two checkpoints, with how often each of them errs."""
    old, new = (_metrics(tx, settings, checkpoint) for checkpoint in (before, after))
    headlines, targets = (_errors(old, new, head) for head in (_HEADLINES, _TARGETS))
    return Change(change.negatives, change.positives, headlines, targets)


def confusion(metrics: Mapping[str, Any], head: str, label: int = 0) -> Confusion | None:
    """Of the likeliest labels, which are counted; None where the manifest does not tell."""
    counts = metrics.get("likeliest", metrics).get(head, {}).get("confusion")
    return Confusion(tuple(tuple(row) for row in counts), label) if counts else None


def _errors(old: Mapping[str, Any], new: Mapping[str, Any], head: str) -> Errors | None:
    before, after = confusion(old, head), confusion(new, head)
    return Errors(before, after) if before and after else None


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
