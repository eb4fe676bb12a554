"""Surges end to end: what is said of them, from which budget, and beside a crisis."""

from __future__ import annotations

import pytest
from wire import CONFIG, HOUR, START, kinds, parents, seasoned

from alerts import wording
from alerts.watch import judge_bin


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
