"""Several seeds as one answer."""

from __future__ import annotations

import pytest

from policy.bandit.report import gap_closed, learners, scale
from policy.bandit.roster import RIVALS, VOWPAL

ENDS = [
    {"frozen": {"accuracy": low, "ece": 0.1}, "skyline": {"accuracy": high, "ece": 0.0}}
    for low, high in ((0.5, 0.7), (0.6, 0.8))
]


def _record(accuracy: float, **more: object) -> dict[str, object]:
    return {"accuracy": accuracy, "ece": 0.02, "doubt": "", "test_rows": 100, **more}


def test_the_gap_is_closed_by_the_share_of_the_means() -> None:
    assert gap_closed([_record(0.6), _record(0.8)], ENDS) == pytest.approx(0.75)


def test_without_a_gap_there_is_no_share() -> None:
    flat = [{"frozen": {"accuracy": 0.7}, "skyline": {"accuracy": 0.7}}]
    assert gap_closed([_record(0.7)], flat) is None


def test_errors_are_those_of_the_mean_over_seeds_or_of_the_test_rows() -> None:
    told = learners({"value": [_record(0.6), _record(0.8)], "kto": [_record(0.5)] * 1}, ENDS)
    assert told["value"]["accuracy"] == pytest.approx(0.7)
    assert told["value"]["accuracy_se"] == pytest.approx(0.1)
    assert told["kto"]["accuracy_se"] == pytest.approx(0.05)
    assert scale(ENDS)["skyline"]["accuracy"] == pytest.approx(0.75)


def test_the_rival_is_the_best_of_its_configurations() -> None:
    played = {name: [_record(0.5 + 0.01 * n)] * 2 for n, name in enumerate(RIVALS)}
    told = learners(played, ENDS)
    assert list(told) == [VOWPAL]
    assert told[VOWPAL]["accuracy"] == pytest.approx(0.5 + 0.01 * (len(RIVALS) - 1))
    assert told[VOWPAL]["configuration"] == RIVALS[-1].partition(":")[2]
    assert len(told[VOWPAL]["configurations"]) == len(RIVALS)


def test_who_was_named_wrongly_is_counted() -> None:
    records = [_record(0.6, named_after=[12], honest_named=[3]), _record(0.6)]
    told = learners({"value": records[:1]}, ENDS[:1])["value"]
    assert (told["named_after"], told["honest_named"]) == ([12], 1)
