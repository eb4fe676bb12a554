"""The suite as a whole: its templates, its perturbations, its rate."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rule_policy import Rule, always_neutral, says

from policy.checklist import perturb
from policy.checklist.cases import Capability, fill, read_capabilities
from policy.checklist.suite import run
from policy.types import SENTIMENTS


def test_a_name_that_decides_is_found_out() -> None:
    biased = Rule(lambda text, _: says("negative" if "Jamal" in text else "positive"))
    found = {each.name: each for each in run(biased).results}
    assert found["fairness: person"].rate < 1
    assert "Jamal" in found["fairness: person"].worst[0]
    assert found["fairness: country"].rate == 1


def test_the_whole_suite_is_small_and_always_the_same() -> None:
    first, second = (Rule(lambda text, _: says("neutral", 0.6)) for _ in range(2))
    assert run(first) == run(second)
    assert first.texts == second.texts
    assert 1_000 < len(first.texts) <= 2_000


def test_the_rate_counts_each_capability_the_same() -> None:
    outcome = run(always_neutral)
    assert outcome.policy == "rule"
    assert outcome.rate == sum(each.rate for each in outcome.results) / len(outcome.results)
    by_kind = {each.kind: each.rate for each in outcome.results if each.name != "odd texts"}
    assert (by_kind["DIR"], by_kind["INV"]) == (0.0, 1.0)


@pytest.mark.parametrize("capability", read_capabilities(), ids=lambda each: each.name)
def test_templates_are_filled_and_ask_each_thing_once(capability: Capability) -> None:
    asked = [case.questions for case in capability.cases]
    assert len(asked) == len(set(asked)) >= 7
    for case in capability.cases:
        assert len(case.questions) == (1 if capability.kind == "MFT" else 2)
        assert len(set(case.questions)) == len(case.questions)
        assert (case.label in SENTIMENTS) == (capability.kind != "INV")
        for question in case.questions:
            assert "{" not in question.text + question.target
            if not capability.topics:  # else upper case hides it
                assert question.target in question.text


def test_known_answers_need_all_three_labels() -> None:
    known = [each for each in read_capabilities() if each.kind == "MFT"]
    labels = [case.label for each in known for case in each.cases]
    assert min(labels.count(each) for each in SENTIMENTS) > 0.1 * len(labels)


def test_each_frame_goes_on_with_the_next_words() -> None:
    (negation,) = [each for each in read_capabilities() if each.name == "negation"]
    texts = " ".join(case.questions[0].text for case in negation.cases)
    assert all(name in texts for name in ("Norgate", "Orbis", "Kestrel Bio", "Vossberg"))


def test_a_slot_takes_the_word_whose_turn_it_is() -> None:
    assert fill("{a} and {b}", {"a": ["x", "y"], "b": ["z"]}, 3) == "y and z"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (perturb.title_case, 'Orbis (NYSE: ORBX) Says It\'s "up" - $NRGT'),
        (perturb.ticker_removed, 'Orbis says it\'s "up" -'),
        (perturb.ticker_swapped, 'Orbis (NYSE: QXPT) says it\'s "up" - $QXPT'),
        (perturb.ticker_added, '$ORBI Orbis (NYSE: ORBX) says it\'s "up" - $NRGT'),
        (perturb.typographic, "Orbis (NYSE: ORBX) says it’s “up” — $NRGT"),
        (
            perturb.html_entities,
            "Orbis&nbsp;(NYSE: ORBX) says it&#x27;s &quot;up&quot; &ndash; $NRGT",
        ),
    ],
)
def test_a_perturbation_changes_what_its_name_says(
    change: Callable[[str], str], expected: str
) -> None:
    assert change('Orbis (NYSE: ORBX) says it\'s "up" - $NRGT') == expected
