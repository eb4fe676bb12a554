"""Difference rewards: the blame of a wrong alert falls on the headlines that it leaned on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.difference import difference_rewards, foremost
from alerts.types import Alert


def test_the_verdict_is_shared_out_by_what_each_headline_added() -> None:
    assert difference_rewards(-1, [1.0, 3.0]) == (-0.25, -0.75)
    assert difference_rewards(1, [1.0, 3.0]) == (0.25, 0.75)


def test_a_headline_that_held_the_evidence_down_takes_no_part() -> None:
    assert difference_rewards(-1, [2.0, -5.0]) == (-1.0, 0.0)


def test_nobody_is_rewarded_where_no_headline_added_anything() -> None:
    assert difference_rewards(1, [0.0, -1.0]) == (0.0, 0.0)
    assert difference_rewards(1, []) == ()


def test_the_rewards_of_an_alert_sum_to_its_verdict() -> None:
    assert sum(difference_rewards(-1, [0.1, 0.7, 2.3, -1.0])) == pytest.approx(-1)


def test_the_foremost_are_few_and_only_those_that_added_evidence(alert: Alert) -> None:
    weights = (0.2, -1.0, 3.0, 1.0, 0.4)
    stories = [replace(alert.stories[0], id=k, weight=w) for k, w in enumerate(weights)]
    assert [story.id for story, _ in foremost(stories)] == [2, 3, 4]
    assert [story.id for story, _ in foremost(stories[:2])] == [0]
