"""The next item for an analyst: chosen, put into its form, and kept with every probability."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.config import Settings
from monitor.review import shown
from monitor.review.desk import LAPSE, Desk, desk_of
from monitor.review.drawing import DISAGREEMENTS, Drawn, draw
from monitor.store import alert_verdicts, questions, reviews, trials
from monitor.store.engine import Transaction
from monitor.store.questions import Question
from monitor.store.reviews import ReviewItem
from monitor.store.trials import Trial
from policy.verdicts import LABELS, Head


@dataclass(frozen=True, slots=True)
class Item:
    """What an analyst is shown: nothing that gives gold or audits away."""

    id: str
    text: str
    target: str
    head: Head
    shown: str  # the label asked about; "" where blind or a pair
    options: tuple[str, ...]  # of a pair: both labels in blind random order; else ()
    labels: tuple[str, ...]  # all labels of the head, for a correction
    origin: str
    url: str  # "" while some gold is no article: it has none
    seen_at: datetime | None
    alert_id: str  # of the alert whose labels were called wrong, else ""


def next_item(
    tx: Transaction, settings: Settings, analyst: str, now: datetime, rng: random.Random
) -> Item | None:
    """Puts one question to this analyst; None where there is nothing to ask.

    `tx` writes. Never the same text or story twice to one analyst, on however many daemons, but
    for an item that was not answered within desk.LAPSE: that comes as it was. Raises nothing.
    """
    reviews.one_at_a_time(tx, analyst)
    desk = desk_of(tx, settings.review, analyst, now, rng)
    opened = trials.open_trials(tx)
    trial = rng.choice(opened) if opened else None
    drawn = _doubted(desk) or draw(desk, trial)
    if drawn is None:
        return None
    before = reviews.get(tx, desk.id_of(drawn.question))
    if before is not None:
        reviews.serve_again(tx, before.id, now)
        return _item(before)
    new = _formed(desk, drawn, trial)
    return _item(new) if reviews.add(tx, new) else None


def open_item(tx: Transaction, analyst: str, now: datetime) -> Item | None:
    """The question that this analyst was asked last and still owes an answer, until it lapses.

    For whoever looks again, such as a browser that reloads: `next_item` would go on.
    """
    put = reviews.pending(tx, analyst, now - LAPSE)
    return _item(put) if put is not None else None


def _doubted(desk: Desk) -> Drawn | None:
    """The oldest open headline of an alert that was called wrong in topic or sentiment."""
    if desk.disbelieved:
        return None
    asked = alert_verdicts.asked(desk.tx, desk.since)
    open_ = desk.about((one.story_id, one.target) for one in asked)
    found = {(one.story_id, one.target, one.head): one for one in open_}
    for one in asked:
        question = found.get((one.story_id, one.target, one.head))
        if question:
            return Drawn(replace(question, alert_id=one.alert_id), "alert", 1.0)
    return None


def _formed(desk: Desk, drawn: Drawn, trial: Trial | None) -> ReviewItem:
    """As a pair, blind, or with a label drawn by its propensities."""
    question, rng = drawn.question, desk.rng
    origin, seen_at = _place(desk, question)
    options = _pair(question, trial, rng)
    blind = bool(options) or (drawn.why != "alert" and rng.random() < desk.review.blind)
    chances = {} if blind else _propensities(question)
    return ReviewItem(
        id=desk.id_of(question),
        analyst=desk.analyst,
        article_id=question.article_id,
        story_id=question.story_id,
        text=question.text,
        target=question.target,
        head=question.head,
        why=drawn.why,
        selection=drawn.selection,
        shown=shown.drawn(chances, rng) if chances else "",
        propensities=chances,
        options=options,
        trial=question.trial,
        truth=question.truth,
        alert_id=question.alert_id,
        checkpoint=question.checkpoint,
        origin=origin,
        url=question.url if all(one.url for one in desk.gold) else "",
        seen_at=seen_at,
        served_at=desk.now,
    )


def _propensities(question: Question) -> dict[str, float]:
    labels = LABELS[question.head]
    if question.truth:
        return shown.of_gold(labels, question.truth)
    return shown.near_greedy(labels, question.probabilities)


def _pair(question: Question, trial: Trial | None, rng: random.Random) -> Sequence[str]:
    """Both labels of a disagreement; some gold comes in the same form, so as not to be told."""
    pair = list(question.options)
    if question.truth and trial is not None and rng.random() < DISAGREEMENTS:
        wrong = [label for label in LABELS[question.head] if label != question.truth]
        pair = [question.truth, rng.choice(wrong)]
    rng.shuffle(pair)
    return pair


def _place(desk: Desk, question: Question) -> tuple[str, datetime | None]:
    """Outlet and time; gold is given those of some article of the window."""
    if not question.truth:
        return question.origin, question.seen_at
    window = questions.span(desk.tx, desk.since)
    place = questions.place(desk.tx, desk.rng.choice(window)) if window else None
    if place is None:
        return question.origin, None
    return question.origin or place[0], place[1]


def _item(put: ReviewItem) -> Item:
    return Item(
        id=put.id,
        text=put.text,
        target=put.target,
        head=put.head,
        shown=put.shown,
        options=tuple(put.options),
        labels=LABELS[put.head],
        origin=put.origin,
        url=put.url,
        seen_at=put.seen_at,
        alert_id=put.alert_id,
    )
