"""What the daemon tells Prometheus. One instance a process, with a registry of its own.

Names and labels are a contract: rules, dashboards and other people's scripts read them. Label
values come from short closed lists, never from ids, URLs or addresses. Jobs count and time as
they go; what speaks of the store (backlog, feeds, alerts firing, shares, verdicts, promotions) is
set from the store when Prometheus asks, so that two daemons on one database tell the same story.

Prometheus keeps its own `job` label: a series with a `job` of ours arrives as `exported_job`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

# They would put a second series beside every counter, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

# Seconds for one batch through the policy: milliseconds on a GPU, seconds on a small CPU.
_LABEL_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# Seconds from publication to a stage: a feed is polled every few minutes, outlets date ahead.
_STAGE_BUCKETS = (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
# Seconds for one tick of a job: from an empty queue to a slow poll of every feed.
_JOB_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)


class StoreCounter(Collector):
    """A counter of rows: told its totals when Prometheus asks, which no process counts itself."""

    def __init__(
        self, name: str, text: str, labels: tuple[str, ...], registry: CollectorRegistry
    ) -> None:
        self.name, self._text, self.labels = f"downdraft_{name}", text, labels
        self._totals: Mapping[tuple[str, ...], int] = {}
        registry.register(self)

    def tell(self, totals: Mapping[tuple[str, ...], int]) -> None:
        """By label values, in the order of the labels."""
        self._totals = dict(totals)

    def describe(self) -> Iterator[CounterMetricFamily]:
        """So that the registry refuses another metric of the same name."""
        yield CounterMetricFamily(self.name, self._text, labels=self.labels)

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(self.name, self._text, labels=self.labels)
        for values, total in sorted(self._totals.items()):
            family.add_metric(values, total)
        yield family


class Metrics:
    """Every metric of the daemon, an attribute each; `registry` is what `/metrics` renders.

    Raises ValueError where the registry already holds metrics of the same names.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._ingest()
        self._labelling()
        self._alerting()
        self._learning()
        self._jobs()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def _ingest(self) -> None:
        self.polls = self._counter(
            "polls",
            "Feeds fetched, by outcome (ok, not_modified, timeout, http_4xx, ...).",
            "outcome",
        )
        self.articles = self._counter(
            "articles",
            "Articles stored, by outcome (new_story, copy, again, flood, language), known too.",
            "outcome",
        )
        self.feed_entries_dropped = self._counter(
            "feed_entries_dropped",
            "Entries of feed documents that did not become articles, by reason.",
            "reason",
        )
        self.feeds = self._gauge(
            "feeds", "Feeds watched, by state (new, ok, quiet, failing, down).", "state"
        )
        self.stage_seconds = self._histogram(
            "stage_seconds",
            "Seconds from publication to the stage: seen, labelled, alerted, delivered.",
            _STAGE_BUCKETS,
            "stage",
        )
        self.backlog = self._gauge(
            "backlog",
            "Rows that wait for a stage; dead: deliveries given up, not replayed.",
            "stage",
        )

    def _labelling(self) -> None:
        self.labels = self._counter(
            "labels",
            "Labels chosen, by head (topic, sentiment), label and tier (gpu, cpu, fallback).",
            "head",
            "label",
            "tier",
        )
        self.label_seconds = self._histogram(
            "label_seconds", "Seconds that one batch takes through the policy.", _LABEL_BUCKETS
        )
        self.policy = Info(
            "downdraft_policy", "The live checkpoint and its tier.", registry=self.registry
        )
        self.build = Info("downdraft_build", "The running version.", registry=self.registry)

    def _alerting(self) -> None:
        self.stream_share = self._gauge(
            "stream_share",
            "Share of stories likeliest to be negative, 0 to 1, in the stream's newest judged bin.",
            "topic",
            "target",
        )
        self.stream_evidence = self._gauge(
            "stream_evidence",
            "Log-evidence of a rise, in nats, after the stream's newest judged bin.",
            "topic",
            "target",
        )
        self.alerts = self._counter("alerts", "Alerts raised.", "kind", "severity")
        self.alerts_firing = self._gauge(
            "alerts_firing", "Alerts that fire now, acknowledged ones included.", "kind"
        )
        self.deliveries = self._counter(
            "deliveries",
            "Attempts to deliver, by outcome (sent, retry, dead).",
            "sender",
            "outcome",
        )

    def _learning(self) -> None:
        self.verdicts = StoreCounter(
            "verdicts",
            "Verdicts in the store, by answer and by why they were asked for; those on alerts "
            "themselves (alert verdict) and on rises that raised none (near-miss) beside labels.",
            ("answer", "why"),
            self.registry,
        )
        self.reward_mean = self._gauge(
            "reward_mean",
            "Mean reward (1 confirmed, 0 rejected) of the newest 500 verdicts on labels that were "
            "chosen for review uniformly (audit) and shown; NaN where there are none.",
        )
        self.promotions = StoreCounter(
            "promotions",
            "What came of candidates and new champions (promoted, refused, kept, rolled_back), by "
            "the gate or by a person.",
            ("outcome",),
            self.registry,
        )
        self.policy_unopened = self._counter(
            "policy_unopened", "Promotions whose checkpoint this daemon could not serve."
        )
        self.trial_evidence = self._gauge(
            "trial_evidence",
            "Log-evidence for the challenger of the open trial, in nats; 0 where none is open.",
            "kind",
        )
        self.trial_threshold = self._gauge(
            "trial_threshold",
            "Log-evidence at which the open trial ends for the challenger; 0 where none is open.",
            "kind",
        )
        self.trial_judged = self._gauge(
            "trial_judged", "Verdicts that have judged the open trial.", "kind"
        )
        self.approvals_missing = self._gauge(
            "approvals_missing",
            "Approvals that a candidate which has passed its gate waits for; 0 where none waits.",
        )
        self.verdicts_waiting = self._gauge(
            "verdicts_waiting", "Verdicts that no training has seen yet."
        )
        self.analysts = self._gauge(
            "analysts",
            "Analysts by how far they are believed (trusted, watched, adversary).",
            "standing",
        )

    def _jobs(self) -> None:
        self.job_seconds = self._histogram(
            "job_seconds", "Seconds that one tick of a job takes.", _JOB_BUCKETS, "job"
        )
        self.job_errors = self._counter("job_errors", "Ticks of a job that raised.", "job")
        self.job_last_success = self._gauge(
            "job_last_success_timestamp_seconds",
            "When a tick of the job last ended well, in seconds since 1970.",
            "job",
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"downdraft_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"downdraft_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"downdraft_{name}", text, labels, buckets=buckets, registry=self.registry)
