"""A policy tuned to miss few negatives: its choices are shown, its beliefs are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from crisis_news import CRISIS
from word_list import WordList

from alerts.catcher import MailCatcher
from monitor.context import Context
from monitor.explain import explain
from monitor.store import alerts
from monitor.store.tables import bin_, label
from policy.types import Prediction

QUARTER = timedelta(minutes=15)
PROBES = [*CRISIS[:6], CRISIS[8], CRISIS[10]]


class AlwaysChooses(WordList):
    """Believes what the word list believes, and chooses one sentiment all the same."""

    def __init__(self, sentiment: str) -> None:
        self._sentiment = sentiment

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [replace(one, sentiment=self._sentiment) for one in super().label(texts, targets)]


def counted(context: Context) -> list[Any]:
    with context.store.read() as tx:
        order = (bin_.c.topic, bin_.c.target, bin_.c.start)
        return [tuple(row) for row in tx.execute(sa.select(bin_).order_by(*order))]


def test_a_tuning_of_the_choices_moves_no_bin_no_baseline_and_no_alert(
    world: Any, newsstand: Any, clock: Any, turn: Any, noon: Any, tmp_path: Any
) -> None:
    def lived(name: str, policy: WordList) -> list[Any]:
        clock.advance(noon)
        newsstand.titles = {"tidewater": ["Granary Union opens a second mill in Orsk", *PROBES[:3]]}
        with world(f"sqlite:///{tmp_path / name}.db") as opened:
            context = replace(opened, policy=policy)
            turn(context, clock, QUARTER)
            newsstand.titles["tidewater"] += PROBES[3:]
            turn(context, clock, timedelta(hours=1))
            return counted(context)

    believed = lived("likeliest", WordList())
    assert lived("anxious", AlwaysChooses("negative")) == believed
    assert lived("blithe", AlwaysChooses("positive")) == believed
    assert sum(row[bin_.c.keys().index("negatives")] for row in believed) > 0


def test_a_crisis_is_announced_and_explained_by_what_is_believed(
    world: Any, newsstand: Any, clock: Any, turn: Any, seasoned: Any, mails: MailCatcher
) -> None:
    newsstand.titles = {"tidewater": [], "granary": []}
    with world() as opened:
        context = replace(opened, policy=AlwaysChooses("neutral"))
        seasoned(context)
        newsstand.titles = {"tidewater": PROBES, "granary": PROBES[3:]}
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (alert,) = alerts.latest(tx, 10)
            shown = set(tx.execute(sa.select(label.c.sentiment)).scalars())
        document = explain(context.store, context.settings, alert.id)
    assert shown == {"neutral"}
    assert alert.negatives_since_onset >= 6
    assert len(mails.received) == 1
    assert document is not None
    assert document["recount_agrees"] is True
    assert sum(story["negative"] for story in document["stories"]) == alert.negatives_since_onset
