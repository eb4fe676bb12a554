from __future__ import annotations

import math
from datetime import timedelta

import pytest

from alerts.budget import share_out


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
