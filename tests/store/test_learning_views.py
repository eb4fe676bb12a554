"""What is told of learning, read from both databases, and how Prometheus hears it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from monitor.gauges_learning import refresh_learning
from monitor.learning import approving
from monitor.metrics import Metrics
from monitor.store import learning, learning_views, standings, trials, verdicts
from monitor.store.engine import Store
from monitor.store.standings import KeptStanding
from monitor.store.trials import Opening
from policy.verdicts import Verdict


def verdict(number: int, at: datetime, **changes: Any) -> Verdict:
    known: dict[str, Any] = {
        "id": f"v{number}", "text": f"Norcast cuts output {number}", "target": "",
        "head": "topic", "shown": "Macro", "propensity": 1.0, "selection": 0.1,
        "analyst": "ada", "answer": "confirm", "correction": "", "reason": "",
        "at": at, "why": "audit",
    }  # fmt: skip
    return Verdict(**(known | changes))


def said(store: Store, noon: datetime, changes: Sequence[dict[str, Any]], first: int = 0) -> None:
    with store.write() as tx:
        rows = [verdict(first + n, noon, **each) for n, each in enumerate(changes)]
        verdicts.add(tx, rows, noon)


def told(store: Store) -> dict[tuple[str, ...], float]:
    """Series of learning as Prometheus reads them: name and label values → value."""
    metrics = Metrics(CollectorRegistry())
    with store.read() as tx:
        refresh_learning(metrics, tx)
    return {
        (sample.name.removeprefix("downdraft_"), *sample.labels.values()): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
    }


def test_verdicts_are_counted_by_answer_and_by_why_they_were_asked(
    store: Store, noon: datetime
) -> None:
    answers = ("confirm", "confirm", "reject", "abstain")
    said(store, noon, [{"answer": answer} for answer in answers])
    said(store, noon, [{"why": "import", "answer": "reject"}], first=10)
    series = told(store)
    assert series["verdicts_total", "confirm", "audit"] == 2
    assert series["verdicts_total", "reject", "audit"] == 1
    assert series["verdicts_total", "abstain", "audit"] == 1
    assert series["verdicts_total", "reject", "import"] == 1


def test_the_mean_reward_is_of_what_was_shown_for_an_audit_and_answered(
    store: Store, noon: datetime
) -> None:
    no_part_of_it = [
        {"why": "uncertain", "answer": "reject"},
        {"answer": "abstain"},
        {"shown": "", "answer": "reject", "correction": "Macro"},
    ]
    said(store, noon, [{}, {}, {}, {"answer": "reject"}, *no_part_of_it])
    assert told(store)["reward_mean",] == 0.75


def test_the_mean_reward_forgets_what_is_long_past(store: Store, noon: datetime) -> None:
    said(store, noon, [{"answer": "reject"}] * 5 + [{}, {}, {}])
    with store.read() as tx:
        assert learning_views.audited(tx, newest=4).reward == 0.75


def test_without_an_audit_the_mean_reward_is_no_number(store: Store) -> None:
    assert math.isnan(told(store)["reward_mean",])


def test_what_went_live_is_counted_whoever_decided(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        learning.promote(tx, "b", "a", "better", "gate", noon)
        learning.promote(tx, "c", "b", "trust me", "ada", noon)
        learning.promote(tx, "b", "c", "worse", "ada", noon, kind="rollback")
        for state in ("refused", "refused", "kept"):
            ended = Opening("promotion", "x", "b", 1, 0, 0, noon, {}, state, (), noon)
            trials.begin(tx, ended)
    series = told(store)
    counts = {name: series["promotions_total", name] for name in ("promoted", "rolled_back")}
    assert counts == {"promoted": 2, "rolled_back": 1}
    assert (series["promotions_total", "refused"], series["promotions_total", "kept"]) == (2, 1)


def test_an_open_trial_is_told_by_how_far_it_is(store: Store, noon: datetime) -> None:
    gate = {"judged": 31, "log_evidence": 1.2, "log_threshold": 3.49}
    with store.write() as tx:
        trials.begin(tx, Opening("promotion", "b", "a", 1, 0, 0, noon, {"gate": gate}))
    series = told(store)
    names = ("trial_evidence", "trial_threshold", "trial_judged")
    assert [series[name, "promotion"] for name in names] == [1.2, 3.49, 31]
    assert [series[name, "probation"] for name in names] == [0, 0, 0]


def test_a_trial_that_ended_is_told_no_more(store: Store, noon: datetime) -> None:
    metrics = Metrics(CollectorRegistry())
    gate = {"judged": 31, "log_evidence": 1.2, "log_threshold": 3.49}
    with store.write() as tx:
        number = trials.begin(
            tx, Opening("promotion", "b", "a", 1, 0, 0, noon, {"gate": gate})
        ).number
        refresh_learning(metrics, tx)
        trials.decide(tx, number, "refused", ["400 verdicts"], noon)
        refresh_learning(metrics, tx)
    left = metrics.registry.get_sample_value("downdraft_trial_judged", {"kind": "promotion"})
    assert left == 0


def test_it_is_told_how_many_approvals_a_candidate_waits_for(store: Store, noon: datetime) -> None:
    report = {"passed": {"at": noon.isoformat(), "needed": 2}}
    waits = Opening("promotion", "b", "a", 1, 0, 0, noon, report, "waiting")
    assert told(store)["approvals_missing",] == 0
    with store.write() as tx:
        trial = trials.begin(tx, waits)
    assert told(store)["approvals_missing",] == 2
    with store.write() as tx:
        approving.approve(tx, trial, "ada", "read the card", "api", noon)
    assert told(store)["approvals_missing",] == 1
    with store.write() as tx:
        approving.refuse(tx, trial, "ben", "no", noon)
    assert told(store)["approvals_missing",] == 0


def test_verdicts_wait_from_the_last_training_on(store: Store, noon: datetime) -> None:
    said(store, noon, [{}] * 5)
    assert told(store)["verdicts_waiting",] == 5
    with store.write() as tx:
        trials.begin(tx, Opening("promotion", "b", "a", 1, 3, 5, noon, {}))
    assert told(store)["verdicts_waiting",] == 2


def test_analysts_are_counted_by_standing_and_never_named(store: Store, noon: datetime) -> None:
    rows = [
        KeptStanding(name, standing, 0.5, 40, {}, noon + timedelta(hours=1))
        for name, standing in (("ada", "trusted"), ("ben", "trusted"), ("eva", "adversary"))
    ]
    said(store, noon, [{"analyst": "eva"}])
    metrics = Metrics(CollectorRegistry())
    with store.write() as tx:
        standings.keep(tx, rows)
        refresh_learning(metrics, tx)
    exposed = generate_latest(metrics.registry).decode()
    assert 'downdraft_analysts{standing="trusted"} 2.0' in exposed
    assert 'downdraft_analysts{standing="watched"} 0.0' in exposed
    assert 'downdraft_analysts{standing="adversary"} 1.0' in exposed
    assert not any(name in exposed for name in ('"ada"', '"ben"', '"eva"'))
