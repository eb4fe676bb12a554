from __future__ import annotations

import math
from datetime import timedelta

import pytest

from alerts.budget import log_thresholds, parts, share_among, share_out
from alerts.state import DetectorConfig
from alerts.types import Stream


def test_the_threshold_gives_every_stream_an_equal_part_of_the_promise() -> None:
    budget = share_out(alarms_per_week=2, streams=220, width=timedelta(hours=1))
    assert budget.threshold == 18_480
    assert round(math.log(budget.threshold), 1) == 9.8
    assert budget.stream_alarms_per_week * 220 == pytest.approx(2)


def test_daily_bins_need_less_evidence_for_the_same_promise() -> None:
    budget = share_out(alarms_per_week=0.07 * 21, streams=21, width=timedelta(days=1))
    assert budget.threshold == pytest.approx(100)
    assert budget.bins_per_week == 7


@pytest.mark.parametrize(("alarms", "streams"), [(0.0, 5), (-1.0, 5), (1.0, 0)])
def test_a_budget_of_nothing_is_refused(alarms: float, streams: int) -> None:
    with pytest.raises(ValueError, match="at least one stream"):
        share_out(alarms, streams, timedelta(hours=1))


def test_priorities_spread_the_promise_and_leave_its_sum_as_it_was() -> None:
    streams = (Stream(), Stream("Oil"), Stream(target="Acme"))
    config = DetectorConfig(alarms_per_week=2, weights={Stream("Oil"): 3.0})
    budgets = config.budgets(streams)
    assert [round(budget.part, 3) for budget in budgets] == [0.2, 0.6, 0.2]
    assert sum(budget.stream_alarms_per_week for budget in budgets) == pytest.approx(2)
    assert budgets[1].threshold == pytest.approx(168 / (2 * 0.6))
    assert config.log_thresholds(streams)[0] == pytest.approx(math.log(168 / (2 * 0.2)))


def test_without_priorities_all_streams_have_equal_parts() -> None:
    streams = tuple(Stream(str(i)) for i in range(220))
    assert set(parts(streams, {})) == {1 / 220}
    assert DetectorConfig().log_thresholds(streams)[7] == DetectorConfig().log_threshold(220)


@pytest.mark.parametrize("part", [0.0, -0.1, 1.1])
def test_a_part_is_above_nothing_and_at_most_all(part: float) -> None:
    with pytest.raises(ValueError, match="part"):
        share_out(1.0, 3, timedelta(hours=1), part)


def test_what_is_kept_for_all_streams_is_what_each_alone_would_get() -> None:
    hour, among = timedelta(hours=1), (0.2, 0.6, 0.2)
    alone = tuple(share_out(2.0, 3, hour, part) for part in among)
    assert share_among(2.0, hour, among) == alone
    kept = log_thresholds(2.0, hour, among)
    assert kept == pytest.approx([math.log(budget.threshold) for budget in alone])
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 0.0


def test_a_promise_changed_by_the_operator_is_not_answered_from_the_one_before() -> None:
    hour, among = timedelta(hours=1), (0.5, 0.5)
    before = log_thresholds(1.0, hour, among)[0]
    assert log_thresholds(2.0, hour, among)[0] == pytest.approx(before - math.log(2))
    assert log_thresholds(1.0, 2 * hour, among)[0] == pytest.approx(before - math.log(2))
    assert log_thresholds(1.0, hour, (0.25, 0.75))[0] == pytest.approx(before + math.log(2))
