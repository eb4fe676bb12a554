"""An alert is explained from the labels while they last, and from what it keeps for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from crisis_news import CRISIS
from word_list import WordList

from alerts.types import Alert
from monitor.context import Context
from monitor.explain import explain, lines
from monitor.store import alerts, retention
from monitor.store.tables import alert as alert_table
from monitor.store.tables import bin_, label
from policy.types import Prediction

QUARTER = timedelta(minutes=15)
PROBES = [*CRISIS[:6], CRISIS[8], CRISIS[10]]
OUTCOME = ("recounted_stories", "recounted_negatives")


class UpsideDown(WordList):
    """What is bad news to others is good news to it."""

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [
            replace(one, sentiment_probabilities=one.sentiment_probabilities[::-1])
            for one in super().label(texts, targets)
        ]


@pytest.fixture
def crisis(world: Any, newsstand: Any, clock: Any, turn: Any, seasoned: Any, mails: Any) -> Any:
    """Raises an alert under a policy and with settings of detection; gives context and alert."""
    newsstand.titles = {"tidewater": [], "granary": []}

    def lived(opened: Context, policy: WordList, **detect: float) -> tuple[Context, Alert]:
        watched = opened.settings.detect.model_copy(update=detect)
        settings = opened.settings.model_copy(update={"detect": watched})
        context = replace(opened, policy=policy, settings=settings)
        seasoned(context)
        newsstand.titles = {"tidewater": PROBES, "granary": PROBES[3:]}
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (alert,) = alerts.latest(tx, 10)
        return context, alert

    return lived


def explained(context: Context, alert: Alert) -> dict[str, Any]:
    document = explain(context.store, context.settings, alert.id)
    assert document is not None
    return document


def forget_before(context: Context, alert: Alert, after: timedelta) -> None:
    with context.store.write() as tx:
        retention.remove_before(tx, alert.onset + after, 100_000)


def without_recount(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in OUTCOME} for row in document["bins"]]


@pytest.mark.parametrize("after", [timedelta(minutes=1), timedelta(days=30)])
def test_once_its_labels_are_removed_an_alert_is_told_as_raised_and_no_recount_is_claimed(
    world: Any, crisis: Any, after: timedelta
) -> None:
    with world() as opened:
        context, alert = crisis(opened, WordList())
        before = explained(context, alert)
        with context.store.write() as tx:
            alerts.update(tx, replace(alert, status="resolved", resolved_at=alert.raised_at))
        forget_before(context, alert, after)
        document = explained(context, alert)
    assert before["recount_agrees"] is True
    assert document["recount_agrees"] is None
    assert document["labels_kept"] is False
    assert without_recount(document) == without_recount(before) != []
    assert {row[name] for row in document["bins"] for name in OUTCOME} == {None}
    titles = [story.title for story in alert.stories]
    assert [story["title"] for story in document["stories"]] == titles
    said = "\n".join(lines(document))
    assert "the labels are no longer kept; these are the numbers as raised" in said
    assert "agrees" not in said
    assert all(title in said for title in titles)


def test_labels_that_were_changed_do_not_agree(world: Any, crisis: Any) -> None:
    with world() as opened:
        context, alert = crisis(opened, WordList())
        with context.store.write() as tx:
            tx.execute(label.update().values(negative=False))
        document = explained(context, alert)
    assert document["recount_agrees"] is False
    assert any("DISAGREES" in line for line in lines(document))


def test_good_news_is_counted_again_by_its_own_bins(world: Any, crisis: Any) -> None:
    with world() as opened:
        context, alert = crisis(
            opened, UpsideDown(), positive_alarms_per_week=20.0, volume_alarms_per_week=0.0
        )
        document = explained(context, alert)
        with context.store.write() as tx:
            tx.execute(label.update().values(sentiment_probabilities=[0.1, 0.8, 0.1]))
        changed = explained(context, alert)
    assert alert.kind == "positive_share"
    assert document["recount_agrees"] is True
    assert sum(row["negatives"] for row in document["bins"]) == alert.negatives_since_onset > 0
    assert changed["recount_agrees"] is False


def test_an_alert_of_before_that_kept_no_bins_is_read_and_claims_nothing(
    world: Any, crisis: Any
) -> None:
    with world() as opened:
        context, alert = crisis(opened, WordList())
        with context.store.write() as tx:
            body = tx.execute(sa.select(alert_table.c.body)).scalars().first()
            old = {key: value for key, value in body.items() if key != "bins"}
            tx.execute(alert_table.update().values(body=old))
            tx.execute(bin_.delete())
        document = explained(context, alert)
    assert (document["bins"], document["recount_agrees"]) == ([], None)
    assert any("its bins were not kept; these are" in line for line in lines(document))
