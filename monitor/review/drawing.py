"""Which question is put next: a mixture of parts, each a distribution over questions.

uncertain    by value, the questions that teach most (monitor.review.value)
audit        uniformly: the yardstick that no policy has a hand in
again        what one or two others have answered, so that analysts can be compared
gold         with a known answer
disagreement while a trial is open: what champion and challenger label differently

A part that has nothing to ask leaves its share to the others. The selection probability of a
question is that with which this serving put it: the sum over the parts that might have, times the
part of the window's articles that was looked at where it was found among them. So 1/selection sums,
over many servings, to the number of questions (Horvitz and Thompson 1952).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.config_learn import ReviewSection
from monitor.review import parts
from monitor.review.desk import Desk
from monitor.review.parts import Part
from monitor.store.questions import Question
from monitor.store.trials import Trial
from policy.verdicts import Why

AGAIN = 0.05  # of what is served: put to a second and a third analyst
DISAGREEMENTS = 0.5  # of what is neither gold nor audit, while a trial is open
VOICES = 3  # analysts who answer a question put again


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question, why it is asked and how likely that was."""

    question: Question
    why: Why
    selection: float


@dataclass(frozen=True, slots=True)
class Shares:
    """Of what is served; they sum to 1."""

    uncertain: float
    audit: float
    again: float
    gold: float
    disagreement: float


def draw(desk: Desk, trial: Trial | None) -> Drawn | None:
    """None where there is nothing to ask. Gold alone is nothing, but for an adversary."""
    found = _of_adversary(desk) if desk.disbelieved else _of_analyst(desk, trial)
    return _drawn(desk, [part for part in found if part.chances and part.share])


def shares_of(review: ReviewSection, trial: bool) -> Shares:
    """Gold and audit as configured; the rest goes by value, and gives some of it away."""
    rest = 1 - review.gold - review.audit
    disagreement = DISAGREEMENTS * rest if trial else 0.0
    again = min(AGAIN, rest - disagreement)
    return Shares(rest - disagreement - again, review.audit, again, review.gold, disagreement)


def _of_analyst(desk: Desk, trial: Trial | None) -> list[Part]:
    shares = shares_of(desk.review, trial is not None)
    found = list(parts.ordinary(desk, shares.uncertain, shares.audit))
    found.append(parts.again(desk, shares.again, VOICES))
    if trial is not None:
        found.append(parts.disagreements(desk, shares.disagreement, trial))
    if any(part.chances for part in found):
        found.append(parts.gold(desk, shares.gold))
    return found


def _of_adversary(desk: Desk) -> list[Part]:
    """Nothing that a false answer would spoil; what tells whether the judgement stands."""
    return [parts.again(desk, 0.5, VOICES + 1), parts.gold(desk, 0.5)]


def _drawn(desk: Desk, found: Sequence[Part]) -> Drawn | None:
    if not found:
        return None
    whole = sum(part.share for part in found)
    part = desk.rng.choices(found, [part.share for part in found])[0]
    question = desk.rng.choices(list(part.chances), list(part.chances.values()))[0]
    chance = sum(each.share / whole * each.chances.get(question, 0.0) for each in found)
    return Drawn(question, part.why, min(1.0, chance * part.reach[question]))
