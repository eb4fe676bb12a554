"""What the pages and the JSON have in common: where they read, and what the time is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts import wording
from alerts.types import Alert, Budget, Delivery, Stream
from monitor.acknowledging import who_was_on
from monitor.config import Settings
from monitor.store import alerts as alert_rows
from monitor.store import bins, labels, quiet, runs, views
from monitor.store.acknowledgements import Acknowledgement
from monitor.store.engine import Store, Transaction
from monitor.store.quiet import Judged
from monitor.store.views import Headline
from monitor.watching import streams_of
from monitor.web import streams
from monitor.web.streams import DAY, TRAIL, Series, StreamRow

_LATELY = timedelta(days=7)
_MOST_PERIODS = 20
_WORST_FIRST = ("down", "failing", "quiet", "new", "ok")


@dataclass(frozen=True, slots=True)
class AlertCard:
    """An open alert with what it explains and whom it reached."""

    alert: Alert
    sentence: str
    children: tuple[Alert, ...]
    deliveries: tuple[Delivery, ...]
    so_far: tuple[int, int] | None  # negatives and stories by now, where more came since
    on_it: Acknowledgement | None  # the newest, while the alert is acknowledged


@dataclass(frozen=True, slots=True)
class State:
    """How the daemon is doing."""

    checkpoint: str  # "" before the first label
    tier: str
    articles_hour: int
    articles_day: int
    stories_day: int
    backlog: int  # articles that wait for labels
    feeds: dict[str, int]  # by state
    failing_jobs: tuple[runs.JobRun, ...]
    dead_deliveries: tuple[Delivery, ...]
    last_alert_at: datetime | None
    tiers_day: dict[str, int]  # labels of the last day by the tier that gave them


@dataclass(frozen=True, slots=True)
class Site:
    """The store seen by a reader at the time that `clock` tells."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    banner: str

    @property
    def budget(self) -> Budget:
        return streams.promised(self.settings)

    def streams(self, tx: Transaction, now: datetime) -> list[StreamRow]:
        judged = bins.since(tx, now - TRAIL - DAY)
        declared = streams_of(self.settings)
        rows = streams.table(declared, judged, alert_rows.firing(tx), self.budget, now)
        own = streams.thresholds(self.settings)
        return [replace(row, threshold=own.get(row.stream, row.threshold)) for row in rows]

    def series(self, tx: Transaction, stream: Stream, days: int, now: datetime) -> Series:
        since = now - timedelta(days=days)
        judged = bins.of(tx, stream, since - DAY, now)
        ids = views.alert_ids(tx, stream, since - _LATELY, _MOST_PERIODS)
        found = [alert for each in ids if (alert := alert_rows.get(tx, each))]
        shown = streams.series(stream, judged, since, found, self.budget)
        own = streams.thresholds(self.settings)
        return replace(shown, threshold=own.get(stream, shown.threshold))


def state(tx: Transaction, watched: Iterable[Judged], now: datetime) -> State:
    live, volume, newest = views.live(tx), views.volume(tx, now), alert_rows.latest(tx, 1)
    return State(
        checkpoint=live.checkpoint if live else "",
        tier=live.tier if live else "",
        articles_hour=volume.articles_hour,
        articles_day=volume.articles_day,
        stories_day=volume.stories_day,
        backlog=labels.backlog(tx),
        feeds=quiet.states(watched),
        failing_jobs=tuple(run for run in runs.latest(tx) if _fails(run)),
        dead_deliveries=tuple(alert_rows.dead_deliveries(tx)),
        last_alert_at=newest[0].raised_at if newest else None,
        tiers_day=views.tiers(tx, now - DAY),
    )


def open_alerts(tx: Transaction) -> list[AlertCard]:
    """Open parents, critical ones first, each with its children inside."""
    parents = [alert for alert in alert_rows.firing(tx) if alert.parent is None]
    return [card(tx, alert) for alert in sorted(parents, key=lambda a: a.severity != "critical")]


def card(tx: Transaction, alert: Alert) -> AlertCard:
    said = wording.sentence(alert, "resolved" if alert.status == "resolved" else "firing")
    return AlertCard(
        alert,
        said,
        tuple(alert_rows.children(tx, alert.id)),
        tuple(alert_rows.deliveries(tx, alert.id)),
        _so_far(tx, alert),
        who_was_on(tx, alert)[-1][0] if alert.status == "acknowledged" else None,
    )


def _so_far(tx: Transaction, alert: Alert) -> tuple[int, int] | None:
    """The alert keeps the numbers that it was raised with; a crisis goes on."""
    if alert.kind not in ("negative_share", "negative_volume"):
        return None
    until = alert.resolved_at or datetime.max.replace(tzinfo=UTC)
    negatives, stories = bins.tally(tx, alert.stream, alert.onset, until)
    return (negatives, stories) if stories > alert.stories_since_onset else None


def headlines(tx: Transaction, now: datetime, limit: int) -> list[Headline]:
    return views.headlines(tx, now - _LATELY, limit)


def feed_health(tx: Transaction) -> list[Judged]:
    """Every watched feed, the sick ones first."""
    return sorted(quiet.judged(tx), key=lambda one: _WORST_FIRST.index(one.state))


def _fails(run: runs.JobRun) -> bool:
    if run.last_error_at is None:
        return False
    return run.last_success_at is None or run.last_error_at > run.last_success_at
