"""Examining a capability: who obeys passes, who does not fails, and it is said by what example."""

from __future__ import annotations

import pytest
from rule_policy import Rule, always_neutral, says

from policy.checklist.cases import Capability, Case, Question
from policy.checklist.suite import examine
from policy.types import Prediction


def asks(kind: str, label: str, *texts: str, **more: float) -> Capability:
    case = Case(tuple(Question(each) for each in texts), label)
    return Capability("one", kind, (case,), **more)  # type: ignore[arg-type]


by_widening = Rule(lambda text, target: says("negative" if "widens" in text else "positive"))


def test_a_known_label_passes_only_if_it_is_given() -> None:
    wanted = asks("MFT", "positive", "Orbis loss narrows")
    assert examine(by_widening, wanted).rate == 1.0
    failed = examine(always_neutral, wanted)
    assert (failed.cases, failed.passed, failed.rate) == (1, 0, 0.0)
    assert failed.worst == ("Orbis loss narrows: neutral, not positive",)


def test_the_label_that_a_tuned_policy_chose_counts_not_the_likeliest() -> None:
    likely = says("neutral", 0.6)
    tuned = Prediction(
        likely.topic_probabilities, likely.sentiment_probabilities, likely.topic, "negative"
    )
    careful = Rule(lambda text, target: tuned)
    assert examine(careful, asks("MFT", "negative", "Orbis slips")).rate == 1.0
    assert examine(careful, asks("MFT", "neutral", "Orbis slips")).rate == 0.0


def test_a_turn_passes_only_if_the_probability_moves_by_the_margin() -> None:
    turn = asks("DIR", "negative", "Orbis loss narrows", "Orbis loss widens", margin=0.6)
    assert examine(by_widening, turn).rate == 1.0
    assert "negative +0.00, not +0.60" in examine(always_neutral, turn).worst[0]
    further = asks("DIR", "negative", "Orbis loss narrows", "Orbis loss widens", margin=0.8)
    assert examine(by_widening, further).rate == 0.0
    wrong_way = asks("DIR", "negative", "Orbis loss widens", "Orbis loss narrows", margin=0.6)
    assert examine(by_widening, wrong_way).rate == 0.0


def test_what_does_not_matter_passes_only_if_the_label_stays() -> None:
    shouts = Rule(lambda text, target: says("negative" if text.isupper() else "positive"))
    pair = asks("INV", "", "Orbis loss", "ORBIS LOSS")
    moved = examine(shouts, pair)
    assert moved.rate == 0.0
    assert moved.movement == pytest.approx(0.7)
    assert moved.worst == ("Orbis loss → ORBIS LOSS: positive became negative",)
    assert examine(always_neutral, pair).movement == 0.0


def test_a_movement_below_the_label_is_reported_and_passes() -> None:
    unsure = Rule(lambda text, target: says("positive", 0.5 if text.isupper() else 0.9))
    result = examine(unsure, asks("INV", "", "Orbis", "ORBIS"))
    assert (result.rate, result.movement) == (1.0, pytest.approx(0.4))
    torn = Rule(lambda text, target: says("positive" if text.isupper() else "negative", 0.34))
    assert examine(torn, asks("INV", "", "Orbis", "ORBIS")).rate == 0.0


def test_the_topic_must_stay_where_only_the_form_changes() -> None:
    strays = Rule(lambda text, _: says("neutral", topic="IPO" if text.isupper() else "Macro"))
    assert examine(strays, asks("INV", "", "Orbis", "ORBIS", topics=True)).rate == 0.0
    assert examine(strays, asks("INV", "", "Orbis", "ORBIS", topics=False)).rate == 1.0


def test_a_capability_is_one_call_and_shows_the_three_gravest_failures() -> None:
    sureness = {"a": 0.4, "b": 0.9, "c": 0.6, "d": 0.8}
    policy = Rule(lambda text, target: says("neutral", sureness[text]))
    cases = tuple(Case((Question(each),), "negative") for each in sureness)
    result = examine(policy, Capability("many", "MFT", cases))
    assert policy.calls == 1
    assert [each[0] for each in result.worst] == ["b", "d", "c"]
