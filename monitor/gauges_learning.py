"""What the store says of learning when Prometheus asks. Names of people are never among it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from monitor.learning import approving
from monitor.metrics import Metrics
from monitor.store import alert_log, learning_views, trials
from monitor.store.engine import Transaction
from monitor.store.standings import ADVERSARY, TRUSTED, WATCHED
from monitor.store.trials import Kind, Trial


def refresh_learning(metrics: Metrics, tx: Transaction) -> None:
    """Sets every gauge and counter of learning."""
    metrics.verdicts.tell(learning_views.answers(tx) | alert_log.answers(tx))
    metrics.reward_mean.set(learning_views.audited(tx).reward)
    outcomes = learning_views.outcomes(tx)
    metrics.promotions.tell({(outcome,): count for outcome, count in outcomes.items()})
    last = trials.newest(tx, "promotion")
    waiting = trials.waiting(tx, last.trained_through if last else 0)
    metrics.verdicts_waiting.set(waiting.count)
    known = learning_views.analysts(tx)
    for standing in (TRUSTED, WATCHED, ADVERSARY):
        metrics.analysts.labels(standing=standing).set(known.get(standing, 0))
    opened = trials.open_trials(tx)
    _refresh_trials(metrics, opened)
    metrics.approvals_missing.set(sum(approving.missing(tx, one) for one in opened))


def _refresh_trials(metrics: Metrics, opened: Sequence[Trial]) -> None:
    by_kind = {one.kind: one for one in opened}
    for kind in get_args(Kind):
        far = by_kind[kind].report.get("gate", {}) if kind in by_kind else {}
        metrics.trial_evidence.labels(kind=kind).set(far.get("log_evidence", 0))
        metrics.trial_threshold.labels(kind=kind).set(far.get("log_threshold", 0))
        metrics.trial_judged.labels(kind=kind).set(far.get("judged", 0))
