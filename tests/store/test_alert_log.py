"""What was said of alerts, taken out whole and counted; which alerts were worth telling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from alerts.near_misses import NearMiss
from alerts.types import Alert, Budget, Evidence, Stream
from monitor.gauges_learning import refresh_learning
from monitor.metrics import Metrics
from monitor.store import alert_log, alert_verdicts, alerts, near_misses, standings
from monitor.store.alert_log import Entry
from monitor.store.alert_verdicts import AlertAnswer, AlertReason, AlertVerdict
from monitor.store.engine import Store, Transaction
from monitor.store.standings import KeptStanding
from monitor.worth import Worth, worth_telling

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
STREAM = Stream("Macro", "Halvorsen")


def raised(tx: Transaction, id_: str, days_ago: int = 1, parent: str | None = None) -> Alert:
    at = NOON - days_ago * DAY
    evidence = Evidence(STREAM, at, timedelta(hours=1), 9, 8, 0.2, 9.1, 2.0)
    alert = Alert(
        id_, STREAM, "negative_share", "warning", "firing", at, at, evidence, 9, 8, 0.2, (),
        "ck", Budget(1.0, 29, 4872.0, 168.0), parent=parent,
    )  # fmt: skip
    alerts.open_new(tx, alert, ())
    return alert


def say(
    tx: Transaction, about: str, analyst: str, answer: AlertAnswer, reason: AlertReason = ""
) -> AlertVerdict:
    name = f"{about} {analyst} {answer} {reason}"
    verdict = AlertVerdict(name, about, analyst, answer, reason, "api", NOON)
    alert_verdicts.add(tx, verdict)
    return verdict


def near_miss(tx: Transaction) -> None:
    near = NearMiss("n1", STREAM, NOON - DAY, NOON, 0.9, 8, 6, 0.2, 0.5, True)
    near_misses.add(tx, [near])


def test_the_log_holds_every_answer_with_what_it_is_about(store: Store) -> None:
    with store.write() as tx:
        alert = raised(tx, "a1")
        near_miss(tx)
        say(tx, "a1", "ada", "reject", "known")
        say(tx, "n1", "ben", "confirm", "real")
        say(tx, "a1", "ada", "confirm")
        say(tx, "gone", "ada", "confirm")
        rows = list(alert_log.stream(tx))
    about = ("Macro", "Halvorsen", "negative_share", alert.raised_at)
    assert rows == [
        Entry("a1", *about, "ada", "reject", "known", "api", NOON),
        Entry("n1", "Macro", "Halvorsen", "near_miss", None, "ben", "confirm", "real", "api", NOON),
        Entry("a1", *about, "ada", "confirm", "", "api", NOON),
        Entry("gone", "", "", "", None, "ada", "confirm", "", "api", NOON),
    ]


def test_prometheus_counts_them_beside_those_on_labels(store: Store) -> None:
    metrics = Metrics(CollectorRegistry())
    with store.write() as tx:
        raised(tx, "a1")
        near_miss(tx)
        for analyst in ("ada", "ben"):
            say(tx, "a1", analyst, "confirm")
        say(tx, "a1", "ada", "reject", "known")
        say(tx, "n1", "ada", "reject")
        refresh_learning(metrics, tx)

    def count(answer: str, why: str) -> float | None:
        labels = {"answer": answer, "why": why}
        return metrics.registry.get_sample_value("downdraft_verdicts_total", labels)

    assert count("confirm", "alert verdict") == 2
    assert count("reject", "alert verdict") == 1
    assert count("reject", "near-miss") == 1


@pytest.mark.parametrize(
    ("answers", "worth"),
    [
        (("confirm",), 1),
        (("reject",), 0),
        (("confirm", "reject"), 0),  # as many against it: nobody can say that it was
        (("confirm", "confirm", "reject"), 1),
    ],
)
def test_worth_telling_is_what_more_confirm_than_dismiss(
    store: Store, answers: tuple[AlertAnswer, ...], worth: int
) -> None:
    with store.write() as tx:
        raised(tx, "a1")
        for number, answer in enumerate(answers):
            say(tx, "a1", f"analyst {number}", answer)
        assert worth_telling(tx, NOON - 90 * DAY) == Worth(1, 1, worth)


def test_the_share_is_of_parents_of_the_time_that_somebody_has_judged(store: Store) -> None:
    with store.write() as tx:
        for id_, ago in (("a1", 1), ("a2", 2), ("a3", 90), ("old", 91)):
            raised(tx, id_, ago)
        raised(tx, "child", 1, parent="a1")
        for id_ in ("a1", "old", "child"):
            say(tx, id_, "ada", "confirm")
        say(tx, "a2", "ada", "confirm")
        say(tx, "a2", "ada", "reject", "immaterial")  # the newer one holds
        found = worth_telling(tx, NOON - 90 * DAY)
    assert (found, found.share) == (Worth(3, 2, 1), 0.5)
    assert replace(found, judged=0).share is None


def test_who_answers_falsely_judges_no_alert(store: Store) -> None:
    with store.write() as tx:
        raised(tx, "a1")
        say(tx, "a1", "eva", "confirm")
        standings.keep(tx, [KeptStanding("eva", "adversary", 0.1, 50, {}, NOON)])
        assert worth_telling(tx, NOON - 90 * DAY) == Worth(1, 0, 0)
