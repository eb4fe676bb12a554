"""What a new checkpoint would have counted, for the detectors to be re-based by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
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
    both = shadows.leads(tx, before, after, now - WINDOW)
    return Change(relabelled(both, negative), relabelled(both, positive))


def negative(story: Both) -> tuple[bool, bool]:
    """Whether it counts as negative by the outgoing checkpoint, and by the other."""
    return story.champion_negative, story.challenger_negative


def positive(story: Both) -> tuple[bool, bool]:
    """Whether it counts as positive by the outgoing checkpoint, and by the other."""
    return story.champion_positive, story.challenger_positive


def relabelled(
    stories: Iterable[Both], counted: Callable[[Both], tuple[bool, bool]]
) -> dict[Stream, Relabelled]:
    """By stream, as the outgoing checkpoint sorts the stories into streams."""
    known: Counter[tuple[Stream, bool, bool]] = Counter()
    for story in stories:
        for stream in counted_in(story.champion_topic, story.target):
            known[stream, *counted(story)] += 1
    return {stream: _of(stream, known) for stream in {stream for stream, *_ in known}}


def _of(stream: Stream, known: Counter[tuple[Stream, bool, bool]]) -> Relabelled:
    both, gone, new, never = (
        known[stream, *pair] for pair in ((True, True), (True, False), (False, True), (False,) * 2)
    )
    return Relabelled(
        stories=both + gone + new + never, before=both + gone, after=both + new, both=both
    )
