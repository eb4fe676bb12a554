"""What a new checkpoint would have counted, for the detectors to be re-based by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from alerts.rebase import Change, Relabelled
from alerts.types import Stream
from alerts.watch import counted_in
from monitor.learning.shadow import WINDOW
from monitor.store import shadows
from monitor.store.engine import Transaction
from monitor.store.shadows import Both


def change(tx: Transaction, before: str, after: str, now: datetime) -> Change:
    """The step from one checkpoint to another by the stories that both have labelled."""
    return Change(negatives=relabelled(shadows.leads(tx, before, after, now - WINDOW)))


def relabelled(stories: Iterable[Both]) -> dict[Stream, Relabelled]:
    """By stream, as the outgoing checkpoint sorts the stories into streams."""
    known: Counter[tuple[Stream, bool, bool]] = Counter()
    for story in stories:
        for stream in counted_in(story.champion_topic, story.target):
            known[stream, story.champion_negative, story.challenger_negative] += 1
    return {stream: _of(stream, known) for stream in {stream for stream, *_ in known}}


def _of(stream: Stream, known: Counter[tuple[Stream, bool, bool]]) -> Relabelled:
    both, gone, new, never = (
        known[stream, *pair] for pair in ((True, True), (True, False), (False, True), (False,) * 2)
    )
    return Relabelled(
        stories=both + gone + new + never, before=both + gone, after=both + new, both=both
    )
