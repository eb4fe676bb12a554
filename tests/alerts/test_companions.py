"""What is watched beside the share of bad news: good news, budgets, priorities, restarts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wire import CONFIG, FEEDS, OIL, QUIET_DAYS, Desk, seasoned

from alerts import count_state, detector
from alerts.coverage import config_of as hole_config
from alerts.detector import DetectorConfig
from alerts.types import Alert
from alerts.volume import config_of as surge_config
from alerts.watch import companions

QUIET = QUIET_DAYS * 24


def test_good_news_is_told_only_where_it_is_asked_for() -> None:
    def spree(config: DetectorConfig) -> list[Alert]:
        desk = Desk(config)
        for hour in range(110):
            desk.wire.usual(desk.hour)
            good = {s: (n, n if hour >= 100 else y) for s, (n, y) in desk.wire.counts(hour).items()}
            desk.judge(positives=good, positive_ledger=desk.wire)
        return desk.raised

    asked = spree(replace(CONFIG, positive_alarms_per_week=0.5))
    assert {alert.kind for alert in asked} == {"positive_share"}
    assert asked[0].budget.alarms_per_week == 0.5
    assert spree(CONFIG) == []


def test_a_companion_without_a_budget_is_off() -> None:
    none = replace(CONFIG, volume_alarms_per_week=0, coverage_alarms_per_week=0)
    beside = companions(4, FEEDS, none)
    assert (beside.volume, beside.coverage, beside.positive) == (None, None, None)
    desk = seasoned(none)
    desk.usual(12, times=4)
    desk.usual(12, silent=FEEDS)
    assert not desk.raised


def test_a_priority_makes_a_stream_alarm_sooner_and_the_alert_says_what_it_may_spend() -> None:
    def first(config: DetectorConfig) -> Alert:
        desk = seasoned(config)
        while not desk.raised:
            desk.wire.usual(desk.hour)
            desk.wire.tell(desk.hour, "granary", "Oil", True)
            desk.judge()
        return desk.raised[0]

    plain = first(replace(CONFIG, alarms_per_week=0.05))
    ahead = first(replace(CONFIG, alarms_per_week=0.05, weights={OIL: 60.0}))
    assert ahead.stream == OIL
    assert ahead.raised_at < plain.raised_at
    assert ahead.budget.part == pytest.approx(60 / 63)
    assert ahead.evidence.log_evidence < plain.evidence.log_evidence


def test_a_restart_after_every_bin_changes_no_alert() -> None:
    def story(restarts: bool) -> list[str]:
        desk = Desk()
        for hour in range(QUIET + 40):
            silent = ("tidewater",) if QUIET <= hour < QUIET + 12 else ()
            desk.usual(1, times=4 if hour >= QUIET + 24 else 1, silent=silent)
            if restarts:
                _restart(desk)
        return [f"{a.id} {a.kind} {a.evidence.log_evidence!r} {a.feeds}" for a in desk.raised]

    assert story(restarts=True) == story(restarts=False) != []


def _restart(desk: Desk) -> None:
    state, beside = desk.state, desk.state.companions
    assert beside.volume is not None
    assert beside.coverage is not None
    volume, coverage = beside.volume, beside.coverage
    share = [detector.pack(state.state, k) for k in range(len(state.streams))]
    surges = [count_state.pack(volume.state, k) for k in range(volume.state.rows)]
    silences = [count_state.pack(coverage.state, k) for k in range(coverage.state.rows)]
    up = count_state.unpack(surges, surge_config(desk.config))
    down = count_state.unpack(silences, hole_config(desk.config))
    desk.state = replace(
        state,
        state=detector.unpack(share, desk.config),
        companions=replace(
            beside, volume=replace(volume, state=up), coverage=replace(coverage, state=down)
        ),
    )
