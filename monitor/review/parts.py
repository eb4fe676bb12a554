"""What may be put to one analyst at one moment, each part a distribution over questions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from monitor.review.desk import LAPSE, Desk
from monitor.review.value import Worth, words_of
from monitor.store import alerts, questions, reviews, trials
from monitor.store.questions import Question
from monitor.store.reviews import Put
from monitor.store.trials import Trial
from policy.verdicts import Why

T = TypeVar("T")

_LOOKED_AT = 128  # articles drawn from the window
_DISAGREEMENTS_IN = (128, 1024)  # as many more where these hold none: two policies differ rarely
_AHEAD = 5  # answers in a trial by which one analyst may lead all others
_ANSWERED = 200  # newest answers, of which some are put again
_SOME_AGAIN = 20
_SOME_GOLD = 40
_ALERTS = 10  # newest, whose stories are always looked at
_RISING = timedelta(days=2)  # how long evidence in a stream makes its stories worth more
_REMEMBERED = 8  # items after which a name may come again as if it had not


@dataclass(frozen=True, slots=True)
class Part:
    """Chances sum to 1 over what was looked at; `reach` is how likely it was looked at."""

    why: Why
    share: float
    chances: Mapping[Question, float]
    reach: Mapping[Question, float]


def ordinary(desk: Desk, by_value: float, audit: float) -> tuple[Part, Part]:
    """By value, and uniformly. Stories in alerts are always among those that go by value."""
    alarmed = _alarmed(desk)
    looked, reach = _look(desk)
    certain = dict.fromkeys(alarmed, 1.0)
    reaches = dict.fromkeys(looked, reach) | certain
    worth = _worth(desk, {one.story_id for one in alarmed if one.story_id is not None})
    values = {one: worth.of(one) for one in reaches}
    total = sum(values.values())
    return (
        Part("uncertain", by_value, {q: v / total for q, v in values.items()}, reaches),
        Part("audit", audit, _alike(looked), reaches),
    )


def _look(desk: Desk) -> tuple[list[Question], float]:
    """Open questions of articles drawn from the window, and the part of it that was drawn.

    Where most of the window is answered these may hold none: then the open ones are searched for.
    """
    window = questions.span(desk.tx, desk.since)
    ids, reach = _some(desk, window, _LOOKED_AT)
    found = desk.open(questions.of_articles(desk.tx, ids, desk.since))
    if found or reach == 1:
        return found, reach
    left = questions.unasked(desk.tx, desk.analyst, desk.since, desk.now - LAPSE)
    ids, reach = _some(desk, left, _LOOKED_AT)
    return desk.open(questions.of_articles(desk.tx, ids, desk.since)), reach


def _some(desk: Desk, whole: Sequence[T], many: int) -> tuple[Sequence[T], float]:
    """A random part of at most so many, and what part that is."""
    if len(whole) <= many:
        return whole, 1.0
    return desk.rng.sample(whole, many), many / len(whole)


def _alarmed(desk: Desk) -> list[Question]:
    """Open questions about the stories that stand in the newest alerts."""
    recent = (one for one in alerts.latest(desk.tx, _ALERTS) if one.raised_at >= desk.since)
    return desk.about((story.id, one.stream.target) for one in recent for story in one.stories)


def _worth(desk: Desk, alarmed: Collection[int]) -> Worth:
    last = reviews.lately(desk.tx, desk.analyst, _REMEMBERED)
    return Worth(
        questions.evidence(desk.tx, desk.now - _RISING),
        alarmed,
        [(words_of(text), target) for text, target in last],
    )


def again(desk: Desk, share: float, voices: int) -> Part:
    """What others have answered, fewer of them than `voices`; first what most have."""
    answers = reviews.answered_lately(desk.tx, desk.since, _ANSWERED)
    counted = Counter(_key(put) for put in answers if put.analyst not in desk.adversaries)
    for count in range(voices - 1, 0, -1):
        wanted = [key for key, answered in counted.items() if answered == count]
        some, reach = _some(desk, wanted, _SOME_AGAIN)
        asked = questions.of_articles(desk.tx, {key[0] for key in some if key[0]}, desk.since)
        found = desk.open([one for one in asked if _key(one) in some], voices)
        if found:
            return Part("uncertain", share, _alike(found), dict.fromkeys(found, reach))
    return Part("uncertain", share, {}, {})


def _key(one: Question | Put) -> tuple[int | None, str, str]:
    return one.article_id, one.target, one.head


def disagreements(desk: Desk, share: float, trial: Trial) -> Part:
    """A random sample of what the two sides label differently, none that either learned from."""
    if _ahead(desk, trial):
        return Part("disagreement", share, {}, {})
    window = questions.span(desk.tx, desk.since)
    first = questions.first_shadow(desk.tx, trial)
    window = range(max(window.start, first), window.stop) if first is not None else range(0)
    for many in _DISAGREEMENTS_IN:
        ids, reach = _some(desk, window, many)
        asked = desk.open(questions.differing(desk.tx, ids, trial, desk.since))
        texts = sorted({one.text for one in asked})
        known = trials.learned_from(desk.tx, texts, trial.trained_through)
        found = [one for one in asked if one.text not in known]
        if found or reach == 1:
            break
    return Part("disagreement", share, _alike(found), dict.fromkeys(found, reach))


def _ahead(desk: Desk, trial: Trial) -> bool:
    """Whether this analyst has judged more of a trial than all others together.

    The gate asks for half of its proof without any one analyst, and the first answer on a headline
    is the one that counts: whoever comes first in the morning must not take all there is to judge.
    """
    answers = reviews.answers_in(desk.tx, trial.number)
    mine = answers.pop(desk.analyst, 0)
    return mine > sum(answers.values()) + _AHEAD


def gold(desk: Desk, share: float) -> Part:
    """A few of it: there is more than any analyst gets through in a season."""
    some, reach = _some(desk, desk.gold, _SOME_GOLD)
    found = desk.open(some, math.inf)
    return Part("gold", share, _alike(found), dict.fromkeys(found, reach))


def _alike(found: Sequence[Question]) -> dict[Question, float]:
    return {one: 1 / len(found) for one in found}
