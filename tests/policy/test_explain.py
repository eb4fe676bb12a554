"""Integrated gradients on a tiny network: complete, about the label shown, in words."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from policy.explain import ENOUGH, Explainer
from policy.explanation import Explanation
from policy.labeller import Labeller
from policy.opening import open_explainer
from policy.train import Report
from policy.types import SENTIMENTS

TEXT = "halvorsen plunges amid oil"


@pytest.fixture(scope="module")
def explainer(report: Report) -> Explainer:
    return Explainer.load(report.path)


@pytest.fixture(scope="module")
def labeller(report: Report) -> Labeller:
    return Labeller.load(report.path, "cpu")


def told(explanation: Explanation) -> float:
    return sum(weight for _, weight in explanation.words) + explanation.rest


@pytest.mark.parametrize("target", ["", "halvorsen"])
@pytest.mark.parametrize(
    "text", [TEXT, "brightwater soars on report , dividend", "week", "oil " * 300]
)
def test_the_weights_add_up_to_what_the_words_change(
    explainer: Explainer, labeller: Labeller, text: str, target: str
) -> None:
    (shown,) = labeller.label([text], [target])
    for why in explainer.explain(text, target, shown):
        gained = why.score - why.baseline
        assert told(why) == pytest.approx(gained, abs=ENOUGH * max(0.5, abs(gained)))
        assert why.gap <= ENOUGH
        assert why.rest == pytest.approx(0.0, abs=1e-6)


def test_the_word_that_decides_weighs_most(explainer: Explainer, labeller: Labeller) -> None:
    (shown,) = labeller.label([TEXT])
    topic, sentiment = explainer.explain(TEXT, "", shown)
    assert (sentiment.label, topic.label) == ("negative", "Energy | Oil")
    assert max(sentiment.words, key=lambda one: one[1])[0] == "plunges"
    assert max(topic.words, key=lambda one: one[1])[0] == "oil"


def test_the_score_is_the_log_ratio_of_the_probabilities_shown(
    explainer: Explainer, labeller: Labeller
) -> None:
    (shown,) = labeller.label([TEXT], ["halvorsen"])
    _, why = explainer.explain(TEXT, "halvorsen", shown)
    chances = dict(zip(SENTIMENTS, shown.sentiment_probabilities, strict=True))
    assert why.score == pytest.approx(log(chances[why.label] / chances[why.rival]), abs=0.2)


def test_a_label_that_is_not_the_likeliest_is_the_one_explained(
    explainer: Explainer, labeller: Labeller
) -> None:
    (shown,) = labeller.label([TEXT])
    _, why = explainer.explain(TEXT, "", replace(shown, sentiment="positive"))
    assert (why.label, why.rival) == ("positive", "negative")
    assert why.score < 0
    assert min(why.words, key=lambda one: one[1])[0] == "plunges"


def test_words_are_what_blanks_part_and_a_target_is_none_of_them(
    explainer: Explainer, labeller: Labeller
) -> None:
    text = "Halvorsen plunges, oil-week report https://t.example/1"
    (shown,) = labeller.label([text], ["norcast"])
    for why in explainer.explain(text, "norcast", shown):
        assert [word for word, _ in why.words] == ["Halvorsen", "plunges,", "oil-week", "report"]


def test_nothing_explains_nothing(explainer: Explainer, labeller: Labeller) -> None:
    (shown,) = labeller.label([" "])
    for why in explainer.explain(" ", "", shown):
        assert why.words == ()
        assert why.score == pytest.approx(why.baseline)


def test_the_network_explained_reads_the_tokens_that_the_labeller_reads(
    explainer: Explainer,
) -> None:
    for text, target in ((TEXT, ""), (TEXT, "norcast"), ("oil &amp; talks " * 90, "quayside")):
        (quick,) = explainer.tokens.encode([text], [target])
        placed = explainer.tokens.encode_in_place(text, target)
        assert placed.ids == quick.ids
        assert placed.type_ids == quick.type_ids


def test_who_explains_follows_from_the_checkpoint(report: Report) -> None:
    assert isinstance(open_explainer(report.path), Explainer)
