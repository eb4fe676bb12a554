"""What an analyst says of an item, taken down once.

The log is append-only and an answer stands: whoever changes his mind is told so. A wrong answer
now and then is what the model of analysts is for; a queue that could be gone over again would let
its gold be learned.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import get_args

from monitor.review.gold import gold_id
from monitor.review.identity import verdict_id
from monitor.store import reviews, standings, verdicts
from monitor.store.engine import Transaction
from monitor.store.reviews import GoldItem, ReviewItem
from monitor.store.standings import TRUSTED
from policy.verdicts import LABELS, Answer, Reason, Verdict

_ALIKE = 3  # trusted analysts, and none against them, make a question gold


class ReviewError(Exception):
    """An answer that cannot be taken down; one line, for whoever gave it."""


def answer(
    tx: Transaction,
    item_id: str,
    analyst: str,
    answer: str,
    correction: str,
    reason: str,
    now: datetime,
) -> Verdict:
    """Logs one answer; the same one sent again is the same verdict.

    Raises ReviewError for an item that is not this analyst's, one answered otherwise already, or
    an answer that does not fit it.
    """
    item = reviews.get(tx, item_id)
    if item is None or item.analyst != analyst:
        raise ReviewError(f"item {item_id[:64]}: not yours; ask for the next one")
    said = _verdict(item, answer, correction, reason, now)
    if reviews.note_answer(tx, item.id, answer, now):
        verdicts.add(tx, [said], now, item.id, item.article_id)
        _make_gold(tx, item, now)
        return said
    before = _said_before(tx, said, reviews.get(tx, item.id))
    if before is None:
        raise ReviewError(f"item {item_id[:64]}: answered already, and otherwise; answers stand")
    return before


def _said_before(tx: Transaction, said: Verdict, item: ReviewItem | None) -> Verdict | None:
    """The verdict on this item if it says the same, at another time."""
    if item is None or item.answered_at is None:
        return None
    first = replace(said, at=item.answered_at.replace(microsecond=0))
    return verdicts.get(tx, verdict_id(first))


def _verdict(item: ReviewItem, answer: str, correction: str, reason: str, now: datetime) -> Verdict:
    """Times are kept to the second, as they are exported."""
    fault = _misfit(item, answer, correction, reason)
    if fault:
        raise ReviewError(fault)
    unnamed = Verdict(
        id="",
        text=item.text,
        target=item.target,
        head=item.head,
        shown=item.shown,
        propensity=item.propensities[item.shown] if item.shown else 1.0,
        selection=item.selection,
        analyst=item.analyst,
        answer=answer,  # type: ignore[arg-type]  # held to be one by _misfit
        correction=correction,
        reason=reason,
        at=now.replace(microsecond=0),
        why=item.why,
        checkpoint=item.checkpoint,
        truth=item.truth,
    )
    return replace(unnamed, id=verdict_id(unnamed))


def _misfit(item: ReviewItem, answer: str, correction: str, reason: str) -> str:
    """What is wrong with an answer to this item, one line; "" where nothing is."""
    labels = LABELS[item.head]
    if answer not in get_args(Answer):
        return f"answer {answer[:40]!r}: give confirm, reject or abstain"
    if reason not in get_args(Reason):
        return f"reason {reason[:40]!r}: give none, or one of {', '.join(get_args(Reason)[1:])}"
    if correction and correction not in labels:
        near = difflib.get_close_matches(correction, labels, n=1, cutoff=0.0)
        return f"correction {correction[:40]!r} is no {item.head}; did you mean {near[0]!r}?"
    if answer != "reject":
        if correction or reason == "neither":
            return f"a correction or a reason of rejects does not go with {answer}; give reject"
        return "" if item.shown or answer == "abstain" else "no label is shown: give a correction"
    return _misfit_reject(item, correction, reason)


def _misfit_reject(item: ReviewItem, correction: str, reason: str) -> str:
    if reason == "neither" and not item.options:
        return "neither is an answer to two labels; this item does not show two"
    if reason == "neither" and correction in item.options:
        return f"neither and {correction!r}: give the one or the other"
    if item.shown and correction == item.shown:
        return f"the label shown is {item.shown!r}: confirm it, or give another correction"
    if not item.shown and not correction and reason != "neither":
        return "no label is shown: give the right one as correction, or abstain"
    return ""


def _make_gold(tx: Transaction, item: ReviewItem, now: datetime) -> None:
    """Where this answer is the third alike of trusted analysts, and none of them differs."""
    if item.truth or item.article_id is None:
        return
    trusted = {one.analyst for one in standings.latest(tx) if one.standing == TRUSTED}
    voices: dict[str, set[str]] = defaultdict(set)
    for said in verdicts.of_article(tx, item.article_id, item.target, item.head):
        label = said.shown if said.answer == "confirm" else said.correction
        if said.analyst in trusted and said.answer != "abstain":
            voices[label].add(said.analyst)
    if len(voices) != 1 or "" in voices:
        return
    ((label, names),) = voices.items()
    if len(names) >= _ALIKE:
        reviews.add_gold(
            tx,
            GoldItem(
                id=gold_id(item.text, item.target, item.head),
                article_id=item.article_id,
                story_id=item.story_id,
                text=item.text,
                target=item.target,
                head=item.head,
                truth=label,
                origin=item.origin,
                url=item.url,
                voices=sorted(names),
                made_at=now,
            ),
        )
