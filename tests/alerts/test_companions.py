"""Surges and silences end to end: what is said, what is not, and what is learned meanwhile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from wire import ACME, CONFIG, FEEDS, HOUR, LEGAL, OIL, START, WHOLE, Desk, seasoned

from alerts import count_state, detector, wording
from alerts.coverage import config_of as hole_config
from alerts.detector import DetectorConfig
from alerts.types import Alert
from alerts.volume import config_of as surge_config
from alerts.watch import companions, judge_bin

QUIET = 9 * 24


def kinds(desk: Desk) -> set[str]:
    return {alert.kind for alert in desk.raised}


def parents(desk: Desk) -> list[Alert]:
    return [alert for alert in desk.raised if alert.parent is None]


def test_a_busy_day_with_an_unchanged_share_is_a_volume_surge_and_nothing_else() -> None:
    desk = seasoned()
    desk.usual(24, times=4)
    assert kinds(desk) == {"negative_volume"}
    (parent,) = parents(desk)
    assert parent.raised_at - parent.onset <= 6 * HOUR
    assert parent.onset == START + 9 * 24 * HOUR
    assert parent.share == pytest.approx(parent.baseline, abs=0.1)
    assert parent.negatives_since_onset == pytest.approx(4 * (parent.expected or 0), rel=0.25)
    assert parent.stories
    assert all(story.negative for story in parent.stories)
    desk.usual(24)
    assert {alert.id for alert in desk.resolved} == {alert.id for alert in desk.raised}


def test_a_surge_has_a_budget_of_its_own_and_says_so() -> None:
    desk = seasoned()
    desk.usual(12, times=4)
    budget = parents(desk)[0].budget
    assert (budget.alarms_per_week, budget.streams) == (CONFIG.volume_alarms_per_week, 4)
    said = wording.promise(budget, "negative_volume")
    assert "once in 16 weeks" in said
    assert "one false alarm in 4 weeks" in said
    assert "volume surges, of which 25%" in said


def test_a_surge_inside_a_crisis_is_its_child_and_ends_with_it() -> None:
    desk = seasoned()
    for _ in range(10):
        desk.wire.usual(desk.hour)
        for _ in range(8):
            desk.wire.tell(desk.hour, "tidewater", "Legal", True)
        desk.judge()
    assert kinds(desk) == {"negative_share", "negative_volume"}
    shares = [alert for alert in parents(desk) if alert.kind == "negative_share"]
    assert len(shares) == 1
    desk.usual(80)
    surges = [alert for alert in desk.resolved if alert.kind == "negative_volume"]
    assert len(surges) == sum(alert.kind == "negative_volume" for alert in desk.raised)
    late = [alert for alert in surges if alert.raised_at > shares[0].raised_at]
    assert {alert.parent for alert in late} <= {shares[0].id}


def test_a_silent_feed_is_named_and_the_hole_ends_by_itself() -> None:
    desk = seasoned()
    desk.usual(12, silent=("tidewater",))
    desk.usual(24)
    assert kinds(desk) == {"coverage_hole"}
    (hole,) = parents(desk)
    assert hole.onset == START + 9 * 24 * HOUR
    assert hole.raised_at - hole.onset <= 6 * HOUR
    incident = [alert for outcome in desk.outcomes for alert in outcome.changed]
    assert "tidewater" in (incident[-1] if incident else hole).feeds
    ended = next(alert for alert in desk.resolved if alert.id == hole.id)
    assert ended.resolved_at is not None
    assert ended.resolved_at - (START + (9 * 24 + 12) * HOUR) <= 6 * HOUR
    assert desk.state.companions.coverage is not None
    assert not desk.state.companions.coverage.open


def learned(desk: Desk) -> np.ndarray:
    known = desk.state.state.baseline
    return np.stack((known.negatives, known.others), axis=1)


def test_an_outage_of_twelve_hours_leaves_the_baselines_of_what_the_feed_fed_as_they_were() -> None:
    def outage(odd_news: bool) -> Desk:
        desk = seasoned()
        for _ in range(12):
            desk.wire.usual(desk.hour, silent=("tidewater",))
            if odd_news:
                desk.wire.tell(desk.hour, "granary", "Legal", False)
                desk.wire.tell(desk.hour, "granary", "Oil", False)
            desk.judge()
        desk.usual(48)
        return desk

    plain, odd = learned(outage(odd_news=False)), learned(outage(odd_news=True))
    row = detector_rows()
    assert np.array_equal(plain[row["Legal"]], odd[row["Legal"]])
    assert np.array_equal(plain[row["whole"]], odd[row["whole"]])
    assert odd[row["Oil"]][0] < plain[row["Oil"]][0]  # Tidewater never told of oil


def detector_rows() -> dict[str, int]:
    names = {WHOLE: "whole", LEGAL: "Legal", OIL: "Oil", ACME: "Acme"}
    return {names[stream]: k for k, stream in enumerate(Desk().state.streams)}


def test_bad_news_in_what_is_left_is_still_told_while_a_feed_is_silent() -> None:
    desk = seasoned()
    desk.usual(8, silent=("tidewater",))
    for _ in range(10):
        desk.wire.usual(desk.hour, silent=("tidewater",))
        for _ in range(5):
            desk.wire.tell(desk.hour, "granary", "Legal", True)
        desk.judge()
    assert "negative_share" in kinds(desk)


def test_when_everything_falls_silent_it_is_one_incident() -> None:
    desk = seasoned()
    desk.usual(12, silent=FEEDS)
    assert len(parents(desk)) == 1
    assert parents(desk)[0].raised_at - parents(desk)[0].onset <= 3 * HOUR
    desk.usual(12)
    assert {alert.id for alert in desk.resolved} == {alert.id for alert in desk.raised}


def test_our_own_silence_is_no_hole_and_what_comes_after_it_no_surge() -> None:
    desk = seasoned()
    for _ in range(12):
        desk.wire.hours[desk.hour] = len(desk.wire.told)
        desk.judge(heard=False)
    desk.wire.usual(desk.hour, times=13)
    desk.judge(heard=False)
    desk.usual(12)
    assert not kinds(desk) & {"negative_volume", "coverage_hole"}


def test_a_new_feeds_whole_past_is_neither_a_surge_nor_its_usual_volume() -> None:
    desk, unread = Desk(), frozenset({"granary"})
    for _ in range(QUIET):
        desk.wire.usual(desk.hour, silent=("granary",))
        desk.judge(first_read=unread)
    desk.wire.usual(desk.hour)
    for _ in range(100):
        desk.wire.tell(desk.hour, "granary", "Legal", True)
    past = desk.judge(first_read=unread, counted=False)
    desk.usual(10 * 24)
    assert {alert.kind for alert in past.raised} <= {"negative_share"}
    assert "coverage_hole" not in kinds(desk)
    coverage = desk.state.companions.coverage
    assert coverage is not None
    rates = coverage.state.rates
    assert (rates.seen / rates.exposure)[-1] == pytest.approx(3, rel=0.1)


def test_the_open_bin_may_tell_a_surge_but_never_a_silence() -> None:
    desk = seasoned()
    desk.usual(1, times=4)
    assert not desk.raised
    desk.wire.usual(desk.hour, times=9)
    now, start = START + desk.hour * HOUR + HOUR / 2, START + desk.hour * HOUR
    looked, early = judge_bin(
        desk.state, start, desk.wire.counts(desk.hour), desk.wire, desk.config, "one", now,
        provisional=True, listening=desk.wire.listening(desk.hour),
    )  # fmt: skip
    assert {alert.kind for alert in early.raised} == {"negative_volume"}
    assert looked.companions.volume is not None
    assert desk.state.companions.volume is not None
    assert looked.companions.volume.state is desk.state.companions.volume.state
    _, nothing = judge_bin(
        seasoned().state, start, {}, desk.wire, desk.config, "one", now, provisional=True
    )
    assert not nothing.raised


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
