from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import MPNetConfig, MPNetModel

from policy.checkpoint import Temperatures, load
from policy.data import Example
from policy.labeller import Labeller, batches
from policy.model import TwoHeads
from policy.train import Report
from policy.types import SENTIMENTS, TOPICS

ODD = [
    "",
    " ",
    "\x00\x01\x02",
    "🔥📉" * 50,
    "a" * 100_000,
    "oil " * 30_000,
    "\ud800",
    "https://t.co/a",
]


@pytest.fixture(scope="module")
def labeller(report: Report) -> Labeller:
    return Labeller.load(report.path, "cpu")


def test_answers_come_in_the_order_of_the_questions(
    labeller: Labeller, make_headlines: Callable[..., list[Example]]
) -> None:
    rows = make_headlines(300, seed=9)
    texts = [each.text for each in rows]
    targets = [each.target for each in rows]
    together = labeller.label(texts, targets)
    for index in range(0, 300, 37):
        (alone,) = labeller.label([texts[index]], [targets[index]])
        np.testing.assert_allclose(
            alone.sentiment_probabilities, together[index].sentiment_probabilities, atol=0.02
        )
    right = [said.topic == row.topic for said, row in zip(together, rows, strict=True) if row.topic]
    assert sum(right) > 0.9 * len(right)


def test_each_answer_is_two_distributions(labeller: Labeller) -> None:
    for each in labeller.label(["oil sinks", *ODD]):
        assert len(each.topic_probabilities) == 20
        assert len(each.sentiment_probabilities) == 3
        assert sum(each.topic_probabilities) == pytest.approx(1.0, abs=1e-9)
        assert sum(each.sentiment_probabilities) == pytest.approx(1.0, abs=1e-9)


def test_odd_text_is_survived_alone_and_as_target(labeller: Labeller) -> None:
    assert len(labeller.label(ODD, ODD[::-1])) == len(ODD)
    assert labeller.label([]) == []


def test_a_target_is_read(labeller: Labeller) -> None:
    text = "norcast soars after talks , oil"
    alone, asked = labeller.label([text, text], ["", "norcast"])
    assert alone != asked


def test_it_says_which_checkpoint_and_tier_answer(labeller: Labeller, report: Report) -> None:
    assert labeller.checkpoint == report.checkpoint.id
    assert labeller.parent is None
    assert labeller.tier == "cpu"


def test_the_temperatures_of_the_checkpoint_are_applied(report: Report) -> None:
    cool, loaded = Labeller.load(report.path, "cpu"), load(report.path)
    text = ["norcast soars after talks , oil"]
    hot = Labeller(loaded, cool.device)
    hot.temperatures = Temperatures(100.0, 100.0)
    assert max(hot.label(text)[0].topic_probabilities) < 0.1
    assert max(cool.label(text)[0].topic_probabilities) > 0.5


def test_a_question_about_a_target_has_a_temperature_of_its_own(report: Report) -> None:
    loaded = load(report.path)
    asked = Labeller(loaded, torch.device("cpu"))
    asked.temperatures = Temperatures(1.0, 1.0, 100.0)
    text = "norcast soars after talks , oil"
    whole, towards = asked.label([text, text], ["", "norcast"])
    assert max(whole.sentiment_probabilities) > 0.5
    assert max(towards.sentiment_probabilities) < 0.4
    assert towards.sentiment == "positive"


def test_batches_hold_every_row_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(2, 128, size=1_000)
    parts = list(batches(lengths, 1_024))
    assert sorted(np.concatenate(parts).tolist()) == list(range(1_000))
    assert all(len(part) * lengths[part].max() <= 1_024 for part in parts)
    assert len(list(batches(np.array([5_000, 5_000]), 1_024))) == 2


def test_a_copied_checkpoint_answers_the_same(labeller: Labeller, checkpoint: Path) -> None:
    texts = ["tellumar rallies on dividend", "crude sinks"]
    assert Labeller.load(checkpoint, "cpu").label(texts) == labeller.label(texts)


def test_an_encoder_that_is_no_bert_is_labelled_too(report: Report) -> None:
    loaded = load(report.path)
    torch.manual_seed(0)
    size = loaded.tokens.tokenizer.get_vocab_size()
    small = MPNetConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
    )
    model = TwoHeads(MPNetModel(small, add_pooling_layer=False), 32).eval()
    tokens = replace(loaded.tokens, typed=False)
    texts = ["norcast soars after talks , oil", "crude sinks"]
    inputs = tokens.pad(tokens.encode(texts, ["", ""]))
    with torch.inference_mode():
        wanted = torch.softmax(model(inputs).sentiment / loaded.temperatures.sentiment, -1)
    said = Labeller(replace(loaded, model=model, tokens=tokens), torch.device("cpu")).label(texts)
    for each, chances in zip(said, wanted.tolist(), strict=True):
        np.testing.assert_allclose(each.sentiment_probabilities, chances, atol=0.02)


def test_labels_are_those_of_the_plain_network(
    report: Report, labeller: Labeller, make_headlines: Callable[..., list[Example]]
) -> None:
    rows = make_headlines(3_000, seed=5)
    texts, targets = [each.text for each in rows], [each.target for each in rows]
    loaded = load(report.path)
    with torch.inference_mode():
        wanted = loaded.model(loaded.tokens.pad(loaded.tokens.encode(texts, targets)))
    said = labeller.label(texts, targets)
    topics = [TOPICS[i] for i in wanted.topic_choice.argmax(-1).tolist()]
    moods = [SENTIMENTS[i] for i in wanted.sentiment_choice.argmax(-1).tolist()]
    pairs = zip(said, topics, moods, strict=True)
    equal = [(one.topic == topic) + (one.sentiment == mood) for one, topic, mood in pairs]
    assert sum(equal) >= 0.999 * 2 * len(rows)
