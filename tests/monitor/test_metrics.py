"""Metric names are a contract with rules, dashboards and other people's scripts."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitor.metrics import Metrics, StoreCounter

CONTRACT = {
    "downdraft_polls_total": {"outcome"},
    "downdraft_articles_total": {"outcome"},
    "downdraft_labels_total": {"head", "label", "tier"},
    "downdraft_label_seconds_count": set(),
    "downdraft_stage_seconds_count": {"stage"},
    "downdraft_backlog": {"stage"},
    "downdraft_feeds": {"state"},
    "downdraft_stream_share": {"topic", "target"},
    "downdraft_stream_evidence": {"topic", "target"},
    "downdraft_alerts_total": {"kind", "severity"},
    "downdraft_alerts_firing": {"kind"},
    "downdraft_deliveries_total": {"sender", "outcome"},
    "downdraft_policy_info": {"checkpoint", "tier"},
    "downdraft_verdicts_total": {"answer", "why"},
    "downdraft_reward_mean": set(),
    "downdraft_promotions_total": {"outcome"},
    "downdraft_policy_unopened_total": set(),
    "downdraft_trial_evidence": {"kind"},
    "downdraft_trial_threshold": {"kind"},
    "downdraft_trial_judged": {"kind"},
    "downdraft_approvals_missing": set(),
    "downdraft_verdicts_waiting": set(),
    "downdraft_analysts": {"standing"},
    "downdraft_job_seconds_count": {"job"},
    "downdraft_job_errors_total": {"job"},
    "downdraft_job_last_success_timestamp_seconds": {"job"},
    "downdraft_feed_entries_dropped_total": {"reason"},
    "downdraft_build_info": {"version"},
}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def use_each_once(metrics: Metrics) -> None:
    metrics.polls.labels("ok").inc()
    metrics.articles.labels("new").inc()
    metrics.feed_entries_dropped.labels("no_title").inc()
    metrics.feeds.labels("ok").set(30)
    metrics.stage_seconds.labels("seen").observe(40)
    metrics.backlog.labels("label").set(0)
    metrics.labels.labels("topic", "Macro", "cpu").inc()
    metrics.label_seconds.observe(0.2)
    metrics.policy.info({"checkpoint": "a1b2", "tier": "cpu"})
    metrics.build.info({"version": "0.1.0"})
    metrics.stream_share.labels("Macro", "").set(0.25)
    metrics.stream_evidence.labels("Macro", "").set(-1.5)
    metrics.alerts.labels("negative_share", "warning").inc()
    metrics.alerts_firing.labels("negative_share").set(1)
    metrics.deliveries.labels("email", "sent").inc()
    metrics.verdicts.tell({("confirm", "audit"): 3})
    metrics.reward_mean.set(0.8)
    metrics.promotions.tell({("promoted",): 1})
    metrics.policy_unopened.inc()
    metrics.trial_evidence.labels("promotion").set(1.5)
    metrics.trial_threshold.labels("promotion").set(3.0)
    metrics.trial_judged.labels("promotion").set(12)
    metrics.verdicts_waiting.set(7)
    metrics.analysts.labels("adversary").set(1)
    metrics.job_seconds.labels("poll").observe(3)
    metrics.job_errors.labels("poll").inc()
    metrics.job_last_success.labels("poll").set(1_790_000_000)


def test_every_promised_name_is_exposed_with_exactly_its_labels(metrics: Metrics) -> None:
    use_each_once(metrics)
    exposed = {
        sample.name: set(sample.labels)
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.startswith("downdraft_")
        and not sample.name.endswith(("_bucket", "_sum", "_created"))
    }
    assert exposed == CONTRACT


def test_two_instances_do_not_share_their_counts() -> None:
    one, other = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())
    one.polls.labels("ok").inc()
    other.polls.labels("ok").inc(5)
    assert one.registry.get_sample_value("downdraft_polls_total", {"outcome": "ok"}) == 1


def test_a_second_metric_of_a_name_is_refused_of_every_kind() -> None:
    registry = CollectorRegistry()
    StoreCounter("verdicts", "Told.", ("answer",), registry)
    with pytest.raises(ValueError, match="downdraft_verdicts"):
        StoreCounter("verdicts", "Told again.", ("answer",), registry)


def test_a_counter_of_rows_says_what_it_was_told_last(metrics: Metrics) -> None:
    for total in (4, 7):
        metrics.verdicts.tell({("reject", "uncertain"): total})
    labels = {"answer": "reject", "why": "uncertain"}
    assert metrics.registry.get_sample_value("downdraft_verdicts_total", labels) == 7


def test_a_new_checkpoint_replaces_the_old_one(metrics: Metrics) -> None:
    metrics.policy.info({"checkpoint": "old", "tier": "cpu"})
    metrics.policy.info({"checkpoint": "new", "tier": "gpu"})
    lines = [
        line
        for line in generate_latest(metrics.registry).decode().splitlines()
        if line.startswith("downdraft_policy_info")
    ]
    assert lines == ['downdraft_policy_info{checkpoint="new",tier="gpu"} 1.0']


def test_the_process_tells_its_own_memory_and_age(metrics: Metrics) -> None:
    assert (metrics.registry.get_sample_value("process_resident_memory_bytes") or 0) > 1e6
    assert (metrics.registry.get_sample_value("process_start_time_seconds") or 0) > 1e9


def test_every_metric_says_what_it_is_in_a_sentence(metrics: Metrics) -> None:
    ours = [f for f in metrics.registry.collect() if f.name.startswith("downdraft_")]
    assert len(ours) == len(CONTRACT)
    assert all(f.documentation.endswith(".") and len(f.documentation) > 12 for f in ours)
