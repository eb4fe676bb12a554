"""Whether a rise would stand without what single outlets alone tell beyond their usual part.

One outlet that floods is one voice: its stories say something about the outlet before they say
something about the world. What a second outlet tells too is never held against it, and in a crisis
that all outlets cover each may grow with the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.contributors import Lost
from alerts.ledger import LabelledStory
from alerts.outcome import EPOCH

TIMES = 2  # of its usual part: what an outlet alone may tell and count in full
STANDING = 0.5  # of ln A: the level from which a stream is suspected


@dataclass(frozen=True, slots=True)
class Claim:
    """A stream above its threshold and the stories, since onset, by which it came there."""

    log_evidence: float
    log_threshold: float
    stories: Sequence[LabelledStory]
    lost: Lost  # what one story of a bin adds to the evidence
    width: timedelta  # of a bin


def why_hold(claim: Claim, usual: Mapping[str, int], few: int) -> str | None:
    """The reason not to alert, or None.

    `usual`: stories that each origin carried in this stream in the two weeks before the onset. An
    archive of one origin is judged as it is. `few`: what any outlet may tell.
    """
    if len(usual) < 2:
        return None
    beyond = {outlet: lone for outlet, lone in _beyond(claim.stories, usual, few) if lone}
    if not beyond:
        return None
    without = [story for lone in beyond.values() for story in lone]
    left, needed = claim.log_evidence - _lost(claim, without), STANDING * claim.log_threshold
    if left >= needed:
        return None
    loudest = max(beyond, key=lambda outlet: (len(beyond[outlet]), outlet))
    return (
        f"{loudest or 'no source'} alone tells {len(beyond[loudest])} stories beyond twice its "
        f"part: without them {left:.1f} of {needed:.1f} nats"
    )


def _beyond(
    stories: Sequence[LabelledStory], usual: Mapping[str, int], few: int
) -> Iterator[tuple[str, Sequence[LabelledStory]]]:
    """Of each outlet the latest stories that it alone tells, beyond what is its part."""
    alone: defaultdict[str, list[LabelledStory]] = defaultdict(list)
    for story in stories:
        if len(origins := {copy.origin for copy in story.copies}) == 1:
            alone[origins.pop()].append(story)
    everything = sum(usual.values())
    for outlet, lone in alone.items():
        part = usual.get(outlet, 0)
        if others := everything - part:
            most = TIMES * part / others * (len(stories) - len(lone))
            yield outlet, lone[max(few, round(most)) :]


def _lost(claim: Claim, without: Sequence[LabelledStory]) -> float:
    """Evidence that goes with these stories, left out one after another."""
    n: Counter[int] = Counter()
    y: Counter[int] = Counter()
    for story in claim.stories:
        n[number := (story.first_seen_at - EPOCH) // claim.width] += 1
        y[number] += story.negative
    lost = 0.0
    for story in without:
        number = (story.first_seen_at - EPOCH) // claim.width
        lost += claim.lost(n[number], y[number], story.negative)
        n[number] -= 1
        y[number] -= story.negative
    return lost
