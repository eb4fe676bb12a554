"""What is known when one analyst asks for something to review, and which questions are open."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.config_learn import ReviewSection
from monitor.review import gold
from monitor.review.identity import item_id
from monitor.store import questions, reviews, standings
from monitor.store.engine import Transaction
from monitor.store.questions import Question
from monitor.store.reviews import Put
from monitor.store.standings import ADVERSARY

LAPSE = timedelta(hours=4)  # after which a question never answered may be put to the same analyst


@dataclass(frozen=True, slots=True)
class Desk:
    """One analyst, one moment."""

    tx: Transaction
    review: ReviewSection
    analyst: str
    now: datetime
    rng: random.Random
    adversaries: frozenset[str]
    gold: tuple[Question, ...]

    @property
    def since(self) -> datetime:
        return self.now - timedelta(days=self.review.window_days)

    @property
    def disbelieved(self) -> bool:
        return self.analyst in self.adversaries

    def open(self, asked: Sequence[Question], voices: float = 1) -> list[Question]:
        """Those that may be put to this analyst.

        Nobody is asked twice about a story, nor about the same words. So many `voices` close a
        question for all; an adversary's is none.
        """
        stories = {one.story_id for one in asked if one.story_id is not None}
        put = reviews.about(self.tx, [self.id_of(one) for one in asked], stories)
        mine: dict[int | str | None, Put] = {
            row.story_id: row for row in put if row.analyst == self.analyst
        }
        mine |= {row.id: row for row in put if row.analyst == self.analyst}
        answered = Counter(_about(row) for row in put if self._is_voice(row))
        return [
            one
            for one in asked
            if self._free(one, mine.get(self.id_of(one)) or mine.get(one.story_id or ""))
            and (one.story_id is None or answered[_about(one)] < voices)
        ]

    def about(self, stories: Iterable[tuple[int, str]]) -> list[Question]:
        """Open questions about the labels by which stories were counted towards targets."""
        wanted: dict[str, set[int]] = {}
        for story, target in stories:
            wanted.setdefault(target, set()).add(story)
        found = [
            one
            for target, ids in sorted(wanted.items())
            for one in questions.of_stories(self.tx, sorted(ids), target)
        ]
        return self.open(found) if found else []

    def id_of(self, question: Question) -> str:
        return item_id(self.analyst, question.text)

    def _is_voice(self, put: Put) -> bool:
        return put.answer in ("confirm", "reject") and put.analyst not in self.adversaries

    def _free(self, question: Question, put: Put | None) -> bool:
        """Never put, or put as it stands, never answered and long ago."""
        if put is None:
            return True
        same = put.id == self.id_of(question) and _about(put) == _about(question)
        return same and not put.answer and put.served_at <= self.now - LAPSE


def _about(one: Question | Put) -> tuple[int | None, str, str]:
    return one.story_id, one.target, one.head


def desk_of(
    tx: Transaction, review: ReviewSection, analyst: str, now: datetime, rng: random.Random
) -> Desk:
    named = {one.analyst for one in standings.latest(tx) if one.standing == ADVERSARY}
    adversaries = frozenset(named)
    known = gold.pool(tx, review.gold_file, adversaries)
    return Desk(tx, review, analyst, now, rng, adversaries, known)
