"""Questions with a known answer, put among the others to learn how far analysts are believed.

Best are those that several trusted analysts answered alike. Until there are enough of them, and
always where the operator names a file of them, others that were never an article stand beside:
they have no address, so no item then shows one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import structlog

from monitor.review.identity import digest
from monitor.store import reviews
from monitor.store.engine import Transaction
from monitor.store.questions import Question
from monitor.store.reviews import GoldItem
from policy.contrast.grammar import contrast_rows
from policy.data import Example, read_labelled
from policy.errors import DataError
from policy.types import TOPICS
from policy.verdicts import Head

log = structlog.get_logger()

ENOUGH = 50  # answered alike by analysts: from here on nothing made up is asked
_NEWEST = 500
_MADE_UP = 300
_SEED = 4
# Frames of these topics leave no doubt of it; of the others only the sentiment is asked.
_PLAIN = frozenset(TOPICS) & {
    "Dividend", "Earnings", "IPO", "M&A | Investments", "Personnel Change", "Currencies",
}  # fmt: skip


def pool(tx: Transaction, file: Path | None, disbelieved: frozenset[str]) -> tuple[Question, ...]:
    """All gold there is; what an analyst who is `disbelieved` by now had a voice in is none."""
    found = [one for one in reviews.gold(tx, _NEWEST) if disbelieved.isdisjoint(one.voices)]
    confirmed = tuple(_asked_before(one) for one in found)
    if file:
        confirmed += _of_file(file, _changed(file))
    return confirmed if len(confirmed) >= ENOUGH else confirmed + _built_in()


def _asked_before(one: GoldItem) -> Question:
    return Question(
        one.text, one.target, one.head, article_id=one.article_id, story_id=one.story_id,
        origin=one.origin, url=one.url, truth=one.truth,
    )  # fmt: skip


@cache
def _built_in() -> tuple[Question, ...]:
    rows = contrast_rows(_SEED, _MADE_UP)
    return tuple(
        question
        for row in rows
        for question in _questions(row)
        if question.head == "sentiment" or question.truth in _PLAIN
    )


@cache
def _of_file(file: Path, changed_at: int) -> tuple[Question, ...]:
    """Read anew when the file changes."""
    try:
        return tuple(question for row in read_labelled(file) for question in _questions(row))
    except DataError as fault:
        log.warning("review.gold_unreadable", reason=str(fault))
        return ()


def _changed(file: Path) -> int:
    return file.stat().st_mtime_ns if file.is_file() else 0


def _questions(row: Example) -> list[Question]:
    answers: list[tuple[Head, str | None]] = [("sentiment", row.sentiment)]
    if not row.target:
        answers.append(("topic", row.topic))
    return [Question(row.text, row.target, head, truth=truth) for head, truth in answers if truth]


def gold_id(text: str, target: str, head: Head) -> str:
    return digest("gold", text, target, head)
