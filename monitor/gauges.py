"""What the store says when Prometheus or a probe asks: the same from every daemon on it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import get_args

from alerts.types import Kind
from monitor import version
from monitor.context import Context
from monitor.gauges_learning import refresh_learning
from monitor.store import alerts, bins, labels, quiet, runs

_STALE = timedelta(minutes=10)  # without a successful tick a job is not ready
_ESSENTIAL = ("poll", "label", "detect", "deliver")


def refresh_gauges(context: Context) -> None:
    """Sets every gauge that speaks of the store."""
    metrics = context.metrics
    with context.store.read() as tx:
        states, firing = quiet.states(quiet.judged(tx)), alerts.firing(tx)
        metrics.backlog.labels(stage="label").set(labels.backlog(tx))
        metrics.backlog.labels(stage="deliver").set(alerts.pending_count(tx))
        metrics.backlog.labels(stage="dead").set(len(alerts.dead_deliveries(tx)))
        judged = bins.newest(tx)
        job_runs = runs.latest(tx)
        refresh_learning(metrics, tx)
    for state in ("new", "ok", "quiet", "failing", "down"):
        metrics.feeds.labels(state=state).set(states.get(state, 0))
    kinds = Counter(alert.kind for alert in firing if alert.parent is None)
    for kind in get_args(Kind):
        metrics.alerts_firing.labels(kind=kind).set(kinds.get(kind, 0))
    for one in judged:
        where = {"topic": one.stream.topic, "target": one.stream.target}
        metrics.stream_share.labels(**where).set(one.negatives / max(1, one.stories))
        metrics.stream_evidence.labels(**where).set(one.log_evidence)
    for run in job_runs:
        if run.last_success_at is not None:
            stamp = run.last_success_at.timestamp()
            metrics.job_last_success.labels(job=run.name).set(stamp)
    policy = context.policy
    metrics.policy.info({"checkpoint": policy.checkpoint, "tier": policy.tier})
    metrics.build.info({"version": version()})


def not_ready(context: Context) -> str:
    """Why the daemon is not ready, or "" where it is."""
    now = context.clock()
    with context.store.read() as tx:
        done = {run.name: run.last_success_at for run in runs.latest(tx)}
    for name in _ESSENTIAL:
        last = done.get(name)
        if last is None or now - last > _STALE:
            return f"job {name} has not succeeded in the last {_STALE.seconds // 60} minutes"
    return ""
