"""Whether a rise would stand if no outlet told more than is usual for it.

One outlet that floods is one voice: its stories say something about the outlet before they say
something about the world. An outlet floods when it tells far more of everything than it ever does,
and more than the others' day explains; that it turns to one topic is news. What a second outlet
tells too is never held against it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from alerts.contributors import Lost
from alerts.ledger import LabelledStory
from alerts.outcome import EPOCH

TIMES = 2  # what is usual, twice over, is no flood yet


@dataclass(frozen=True, slots=True)
class Heard:
    """How many stories each outlet carried of everything: lately, and before."""

    lately: Mapping[str, int]
    before: Mapping[str, int]
    span: timedelta  # of what is lately
    ratio: float  # of that span to the one before

    def usual_part(self, outlet: str, few: int) -> float:
        """0–1: of what an outlet told lately, what is usual; 1 where it does not flood.

        Usual is its own mean, more where the others have more to tell as well.
        """
        told, own = self.lately.get(outlet, 0), self.before.get(outlet, 0) * self.ratio
        others = sum(self.before.values()) * self.ratio - own
        if others <= 0:
            return 1.0
        usual = own * max(1.0, (sum(self.lately.values()) - told) / others)
        return usual / told if told > TIMES * usual + few else 1.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A stream above its threshold and the stories, since onset, by which it came there."""

    log_evidence: float
    log_threshold: float
    stories: Sequence[LabelledStory]
    lost: Lost  # what one story of a bin adds to the evidence
    width: timedelta  # of a bin
    rising: timedelta  # since onset
    lately: Sequence[LabelledStory]  # of which an alert needs so many
    lacks: Callable[[Set[int]], str | None]  # what it needs and has not, without these (ids)


def why_hold(claim: Claim, heard: Sequence[Heard], few: int) -> str | None:
    """The reason not to alert, or None. `few`: so many stories are no flood, whoever tells them.

    Where an outlet floods, the evidence must reach the threshold by its usual part of what it
    alone tells, a short rise by the part of a short time, and the day must bring what every alert
    needs: else a flood would speak for evidence that has piled up. An archive of one outlet is
    judged as it is.
    """
    kept = {}
    for outlet in _alone(claim.stories):
        parts = ((span.usual_part(outlet, few), span.span) for span in heard)
        kept[outlet] = min(p * min(1.0, claim.rising / span) if p < 1 else 1 for p, span in parts)
    beyond = _beyond(claim.stories, kept)
    without = [story for lone in beyond.values() for story in lone]
    if not without:
        return None
    left = claim.log_evidence - _lost(claim, without)
    if left < claim.log_threshold:
        reason = f"{left:.1f} of {claim.log_threshold:.1f} nats are left"
    else:
        lately = _beyond(claim.lately, kept).values()
        lacking = claim.lacks({story.id for lone in lately for story in lone})
        if lacking is None:
            return None
        reason = lacking
    loudest = max(beyond, key=lambda outlet: (len(beyond[outlet]), outlet))
    return (
        f"{loudest or 'an outlet without a name'} floods: without {len(without)} stories beyond "
        f"what is usual {reason}"
    )


def alike(log_evidence: float, stories: Sequence[LabelledStory]) -> Lost:
    """Of a count: each negative story has brought as much of the evidence as any other."""
    each = log_evidence / max(1, sum(story.negative for story in stories))
    return lambda _n, _y, negative: each * negative


def _alone(stories: Sequence[LabelledStory]) -> dict[str, list[LabelledStory]]:
    """Of each outlet what nobody else has told."""
    alone: defaultdict[str, list[LabelledStory]] = defaultdict(list)
    for story in stories:
        origins = {copy.origin for copy in story.copies}
        if len(origins) == 1:
            alone[origins.pop()].append(story)
    return alone


def _beyond(
    stories: Sequence[LabelledStory], kept: Mapping[str, float]
) -> dict[str, list[LabelledStory]]:
    """Of each outlet that floods what it tells alone beyond the part that is kept, the newest."""
    lone = _alone(stories).items()
    parts = ((outlet, told, kept.get(outlet, 1)) for outlet, told in lone)
    return {outlet: told[round(part * len(told)) :] for outlet, told, part in parts if part < 1}


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
