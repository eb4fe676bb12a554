"""A new champion watched: back to the old one where that is shown to be better."""

from __future__ import annotations

from gate_desk import compared

from policy.gate.probation import watch


def test_a_champion_that_is_worse_is_rolled_back_at_once() -> None:
    ruling = watch(compared([1, 1, 1, -1] * 20), over=False)
    assert ruling.state == "rolled_back"
    assert ruling.reasons[0].startswith("shown to be worse than before")
    assert ruling.figures["judged"] < 60


def test_while_the_days_last_it_is_watched_and_says_how_far_it_is() -> None:
    ruling = watch(compared([1, -1] * 20), over=False)
    assert ruling.state == "shadow"
    assert any("nats of 3.00 needed" in reason for reason in ruling.reasons)


def test_when_they_are_over_it_is_kept() -> None:
    ruling = watch(compared([1, -1] * 20), over=True)
    assert ruling.state == "kept"
    assert ruling.reasons[0].startswith("not shown to be worse: 40 verdicts")


def test_nobody_s_verdicts_keep_it() -> None:
    assert watch([], over=True).state == "kept"


def test_proof_that_came_in_time_is_heard_after_the_days_too() -> None:
    assert watch(compared([1] * 40 + [-1] * 300), over=True).state == "rolled_back"


def test_one_analyst_alone_rolls_nothing_back() -> None:
    assert watch(compared([1] * 300, analysts=("ada",)), over=False).state == "shadow"
