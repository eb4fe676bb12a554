"""The metamorphic suite: it passes who obeys, fails who does not, and says with what example."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from policy.checklist import perturb
from policy.checklist.cases import (
    Capability,
    Case,
    Question,
    fill,
    read_capabilities,
    read_seeds,
)
from policy.checklist.hostile import ODD_TEXTS, alike_in_company, answers_odd_texts, flaw
from policy.checklist.suite import examine, run
from policy.labeller import Labeller
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier


def says(sentiment: str, sure: float = 0.8, topic: str = "Earnings") -> Prediction:
    rest = (1 - sure) / 2
    moods = tuple(sure if each == sentiment else rest for each in SENTIMENTS)
    return Prediction.likeliest(tuple(float(each == topic) for each in TOPICS), moods)


class Rule:
    """A policy that is one rule over text and target; counts what it is asked."""

    checkpoint = "rule"
    tier: Tier = "cpu"

    def __init__(self, rule: Callable[[str, str], Prediction]) -> None:
        self.rule = rule
        self.calls = 0
        self.texts: list[str] = []

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        self.calls += 1
        self.texts += texts
        wanted = targets if targets is not None else [""] * len(texts)
        return [self.rule(text, target) for text, target in zip(texts, wanted, strict=True)]


class Crowded(Rule):
    """Its answer depends on who else is asked about."""

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [says("negative" if len(texts) > 1 else "positive")] * len(texts)


class Backwards(Rule):
    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return super().label(texts, targets)[::-1]


class Forgetful(Rule):
    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return super().label(texts, targets)[1:]


def asks(kind: str, label: str, *texts: str, **more: float) -> Capability:
    case = Case(tuple(Question(each) for each in texts), label)
    return Capability("one", kind, (case,), **more)  # type: ignore[arg-type]


always_neutral = Rule(lambda text, target: says("neutral"))
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


def test_a_name_that_decides_is_found_out() -> None:
    biased = Rule(lambda text, _: says("negative" if "Jamal" in text else "positive"))
    found = {each.name: each for each in run(biased).results}
    assert found["fairness: person"].rate < 1
    assert "Jamal" in found["fairness: person"].worst[0]
    assert found["fairness: country"].rate == 1


@pytest.mark.parametrize("unfit", [Crowded, Backwards])
def test_an_answer_that_hangs_on_the_batch_is_found_out(unfit: type[Rule]) -> None:
    def by_letters(text: str, _: str) -> Prediction:
        return says("positive" if len(text) % 2 else "negative")

    seeds = read_seeds()
    assert alike_in_company(Rule(by_letters), seeds).rate == 1.0
    assert alike_in_company(unfit(by_letters), seeds).rate < 1.0


def crash(text: str, target: str) -> Prediction:
    raise UnicodeEncodeError("utf-8", text, 0, 1, "surrogates not allowed")


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (Rule(crash), "raised UnicodeEncodeError"),
        (Forgetful(lambda text, _: says("neutral")), f"answers to {2 * len(ODD_TEXTS)} texts"),
        (Rule(lambda text, _: says("neutral", math.nan)), "not a number"),
        (
            Rule(lambda text, _: Prediction((1.0,), (1.0,), "IPO", "neutral")),
            "1 probabilities for 20 labels",
        ),
    ],
)
def test_odd_texts_that_break_a_policy_are_told(unfit: Rule, why: str) -> None:
    result = answers_odd_texts(unfit)
    assert result.passed == 0
    assert why in result.worst[0]


def test_a_flaw_is_told_of_any_head() -> None:
    topics = says("neutral").topic_probabilities
    assert flaw(says("neutral")) == ""
    heavy, below = (0.5, 0.5, 0.5), (1.5, -0.5, 0.0)
    assert flaw(Prediction.likeliest(topics, heavy)) == "probabilities sum to 1.500000"
    assert "negative" in flaw(Prediction.likeliest(topics, below))
    assert flaw(Prediction.likeliest(topics, (math.inf, 0.0, 0.0))) == "probabilities sum to inf"
    assert flaw(Prediction(topics, (0.2, 0.6, 0.2), "IPO", "glad")) == "'glad' is no label"


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


def test_the_shipped_policy_answers_alike_alone_and_in_a_batch() -> None:
    policy = Labeller.load(None, "cpu")
    result = alike_in_company(policy, read_seeds())
    assert result.rate == 1.0, result.worst
    assert answers_odd_texts(policy).rate == 1.0
