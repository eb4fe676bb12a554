"""What refuses a candidate before anybody is asked: each limit, just inside it and just past it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from policy.data import Example
from policy.gate.types import Ruling
from policy.gate.vetoes import divergence, vetoes
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier

MACRO, OIL = "Macro", "Energy | Oil"


def spread(labels: Sequence[str], label: str, sure: float) -> tuple[float, ...]:
    rest = (1 - sure) / (len(labels) - 1)
    return tuple(sure if each == label else rest for each in labels)


class Fixed:
    """Says "Macro" and "neutral" of everything, but for the texts that it is told about."""

    checkpoint = "fixed"
    tier: Tier = "cpu"

    def __init__(self, said: Mapping[str, str] | None = None, sure: float = 0.97) -> None:
        self._said, self._sure = said or {}, sure

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        topics = spread(TOPICS, self._said.get(text, MACRO), self._sure)
        return Prediction.likeliest(topics, spread(SENTIMENTS, "neutral", 0.97))


def anchors(count: int, oil: int = 0) -> list[Example]:
    """Headlines, all about macro but the first `oil`."""
    return [Example(f"h{n}", topic=OIL if n < oil else MACRO) for n in range(count)]


def wrong(rows: Sequence[int]) -> dict[str, str]:
    return {f"h{n}": "IPO" for n in rows}


def judged(
    before: dict[str, str], after: dict[str, str], rows: list[Example], sure: float = 0.97
) -> Ruling:
    return vetoes(Fixed(before), Fixed(after, sure), rows, [])


def test_a_candidate_that_is_the_champion_again_is_fit_to_be_judged() -> None:
    ruling = vetoes(Fixed(), Fixed(), anchors(300), [("h1", ""), ("h2", "Norcast")])
    assert (ruling.state, ruling.reasons) == ("shadow", ())
    assert ruling.figures["kl"] == {"topic": 0, "sentiment": 0}
    assert ruling.figures["suite"]["before"] == ruling.figures["suite"]["after"]
    assert json.loads(json.dumps(ruling.figures)) == ruling.figures


def test_without_anchors_and_headlines_what_they_measure_is_absent() -> None:
    ruling = vetoes(Fixed(), Fixed(), [], [])
    assert ruling.state == "shadow"
    assert (ruling.figures["anchors"], ruling.figures["kl"]) == ({}, {})


@pytest.mark.parametrize(("lost", "too_many"), [(5, False), (6, True)])
def test_half_a_point_of_accuracy_may_be_forgotten(lost: int, too_many: bool) -> None:
    ruling = judged({}, wrong(range(lost)), anchors(1_000))
    assert too_many == any("accuracy falls from 100.0% to 99.4%" in why for why in ruling.reasons)


def test_as_many_anchors_won_as_lost_are_churn_and_refused() -> None:
    ruling = judged(wrong(range(8)), wrong(range(100, 108)), anchors(1_000))
    assert ruling.state == "refused"
    assert ruling.reasons == (
        "topic on 1000 anchors: 8 turn from right to wrong and 8 from wrong to right (half as many"
        " are allowed)",
    )


def test_churn_within_what_may_be_forgotten_is_allowed() -> None:
    assert judged(wrong(range(5)), wrong(range(100, 105)), anchors(1_000)).state == "shadow"


def test_half_as_many_lost_as_won_are_allowed() -> None:
    assert judged(wrong(range(16)), wrong(range(100, 108)), anchors(1_000)).state == "shadow"


@pytest.mark.parametrize(("lost", "state"), [(10, "shadow"), (11, "refused")])
def test_one_anchor_in_a_hundred_may_turn_wrong(lost: int, state: str) -> None:
    ruling = judged(wrong(range(40)), wrong(range(100, 100 + lost)), anchors(1_000))
    assert ruling.state == state
    assert all("turn from right to wrong, 1.10% (1% is allowed)" in why for why in ruling.reasons)


def test_a_single_row_of_a_few_anchors_refuses_nobody() -> None:
    assert judged({}, wrong([3]), anchors(40)).state == "shadow"
    assert judged({}, wrong([3, 4]), anchors(40)).state == "refused"


def test_a_candidate_that_is_surer_than_it_may_be_is_refused() -> None:
    rows = anchors(1_000)
    same = wrong(range(300))
    ruling = vetoes(Fixed(same, sure=0.7), Fixed(same, sure=0.9), rows, [])
    assert ruling.reasons == (
        "topic on 1000 anchors: the calibration error is 0.200, was 0.000 (0.05 is allowed)",
    )


@pytest.mark.parametrize(
    ("sure", "state"), [(0.85, "shadow"), (0.865, "shadow"), (0.88, "refused")]
)
def test_the_calibration_may_be_as_bad_as_it_was(sure: float, state: str) -> None:
    """Of rows that the champion has learned neither is calibrated; nobody may be much worse."""
    same = wrong(range(300))
    ruling = vetoes(Fixed(same, sure=0.86), Fixed(same, sure=sure), anchors(1_000), [])
    assert ruling.state == state
    assert ruling.figures["anchors"]["topic"]["ece_after"] == pytest.approx(sure - 0.7)


def test_of_few_rows_the_calibration_says_nothing() -> None:
    same = wrong(range(30))
    assert vetoes(Fixed(same, sure=0.7), Fixed(same, sure=0.9), anchors(100), []).state == "shadow"


def test_a_label_that_is_forgotten_refuses_what_gains_on_the_whole() -> None:
    """Oil is 120 of 2,000 and loses 3; macro wins 40."""
    rows = anchors(2_000, oil=120)
    known = {f"h{n}": OIL for n in range(120)}
    ruling = judged(known | wrong(range(1_000, 1_040)), known | wrong(range(3)), rows)
    assert ruling.reasons == (
        "topic on 120 anchors that are Energy | Oil: accuracy falls from 100.0% to 97.5% (2% is"
        " allowed)",
    )


def test_a_label_of_few_rows_is_left_to_the_trial() -> None:
    rows = anchors(2_000, oil=99)
    known = {f"h{n}": OIL for n in range(99)}
    ruling = judged(known | wrong(range(1_000, 1_040)), known | wrong(range(3)), rows)
    assert ruling.state == "shadow"
    assert ruling.figures["anchors"]["topic"]["parts"][OIL]["rows"] == 99


def test_a_candidate_that_answers_otherwise_everywhere_is_refused() -> None:
    ruling = vetoes(Fixed(), Fixed(sure=0.6), [], [(f"n{n}", "") for n in range(50)])
    assert ruling.state == "refused"
    assert ruling.reasons[0].startswith("topic: the answers to headlines that nobody judged move")
    assert ruling.figures["kl"]["topic"] > 0.05


def test_the_divergence_is_exact() -> None:
    old, new = (0.5, 0.3, 0.2), (0.4, 0.4, 0.2)
    said = [[Prediction.likeliest(spread(TOPICS, MACRO, 0.9), each)] for each in (old, new)]
    wanted = float(np.sum(np.array(old) * np.log(np.array(old) / np.array(new))))
    assert divergence("sentiment", *said) == pytest.approx(wanted)


def test_a_head_that_no_anchor_names_is_not_measured() -> None:
    ruling = vetoes(Fixed(), Fixed(), [Example("h0", sentiment="neutral")], [])
    assert list(ruling.figures["anchors"]) == ["sentiment"]


class Shouted(Fixed):
    """As Fixed, but what is written in capitals is negative to it."""

    def _one(self, text: str) -> Prediction:
        if not text.isupper():
            return super()._one(text)
        topics = spread(TOPICS, MACRO, 0.97)
        return Prediction.likeliest(topics, spread(SENTIMENTS, "negative", 0.97))


def test_a_candidate_that_fails_more_of_the_small_questions_is_refused() -> None:
    ruling = vetoes(Fixed(), Shouted(), [], [])
    assert ruling.state == "refused"
    assert ruling.reasons[0].startswith("the questions of `policy check`: the mean rate falls from")
    assert ruling.figures["suite"]["changed"]["UPPER CASE"]["after"] == 0
