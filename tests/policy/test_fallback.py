"""The linear fallback: learned, verified, exact about itself, and independent of torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from policy.data import Example
from policy.errors import CheckpointError, DataError
from policy.fallback import LinearPolicy
from policy.linear_training import LinearReport, train_linear
from policy.manifest import CARD, FALLBACK, describe, verify
from policy.ngrams import ask_about, grams, tokens
from policy.opening import open_explainer, open_policy

ODD = [
    "",
    "   ",
    "\x00\ud800",
    "🎉" * 50,
    "x" * 100_000,
    "a " * 30_000,
    "利益が急増",
    "<b>&amp;</b>",
]
HEADLINES = [
    ("Regulator fines Halvorsen over market abuse", "Legal | Regulation", "negative"),
    ("Norcast raises dividend after record quarter", "Dividend", "positive"),
    ("Oil prices slide as OPEC weighs output increase", "Energy | Oil", "negative"),
]


@pytest.fixture(scope="module")
def rows(make_headlines: Callable[..., list[Example]]) -> list[Example]:
    return make_headlines(900)


@pytest.fixture(scope="module")
def trained(rows: list[Example], tmp_path_factory: pytest.TempPathFactory) -> LinearReport:
    return train_linear(rows, tmp_path_factory.mktemp("linear") / "out")


@pytest.fixture(scope="module")
def shipped() -> LinearPolicy:
    return LinearPolicy.load()


def test_it_learns_both_heads_and_targets(trained: LinearReport) -> None:
    for head in ("topic", "sentiment", "sentiment_target"):
        assert trained.metrics[head]["accuracy"] > 0.9


def test_the_same_rows_and_seed_give_the_same_weights(
    rows: list[Example], trained: LinearReport, tmp_path: Path
) -> None:
    again = train_linear(rows, tmp_path / "again")
    assert again.checkpoint.id == trained.checkpoint.id


def test_rows_without_a_head_are_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        train_linear([Example("oil sinks", topic="IPO")] * 30, tmp_path / "out")


@pytest.mark.parametrize(
    ("taught", "other", "least"),
    [("topic", "sentiment", "neutral"), ("sentiment", "topic", "General News | Opinion")],
)
def test_rows_with_one_head_alone_teach_that_head_and_the_other_says_the_least(
    rows: list[Example], tmp_path: Path, taught: str, other: str, least: str
) -> None:
    alone = [replace(each, **{other: None}) for each in rows if not each.target]
    report = train_linear(alone, tmp_path / "out")
    assert set(report.metrics) == {taught}
    assert report.metrics[taught]["accuracy"] > 0.85
    assert report.checkpoint.data["untaught"] == [other]
    said = LinearPolicy.load(tmp_path / "out").label([text for text, _, _ in HEADLINES])
    assert {getattr(each, other) for each in said} == {least}
    assert len({getattr(each, taught) for each in said}) > 1
    card = (tmp_path / "out" / CARD).read_text(encoding="utf-8")
    assert f"No row has a {other}: it says {least!r} of everything." in card


def test_an_altered_or_missing_file_is_a_checkpoint_error(
    trained: LinearReport, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(trained.path, tmp_path / "copy"))
    weights = copy / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointError, match="altered"):
        LinearPolicy.load(copy)
    weights.unlink()
    with pytest.raises(CheckpointError, match="missing"):
        LinearPolicy.load(copy)


def test_a_network_is_no_linear_policy_and_its_directory_says_which_it_is(
    trained: LinearReport, checkpoint: Path
) -> None:
    assert isinstance(open_policy(trained.path), LinearPolicy)
    assert isinstance(open_explainer(trained.path), LinearPolicy)
    with pytest.raises(CheckpointError, match="no linear policy"):
        LinearPolicy.load(checkpoint)


def test_it_labels_where_torch_cannot_be_loaded_and_alike_in_every_process(
    shipped: LinearPolicy,
) -> None:
    text = HEADLINES[0][0]
    program = (
        "import sys; sys.modules.update(torch=None, transformers=None)\n"
        "from policy.degrade import Degrading, ladder\n"
        "policy = Degrading(ladder(None, 'auto'))\n"
        f"(said,) = policy.label([{text!r}], ['Halvorsen'])\n"
        "print(policy.tier, policy.checkpoint, said.sentiment_probabilities)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    (said,) = shipped.label([text], ["Halvorsen"])
    expected = f"fallback {shipped.checkpoint} {said.sentiment_probabilities}"
    assert found.stdout.strip() == expected


def test_the_one_that_ships_is_whole_small_and_says_how_good_it_is() -> None:
    known = verify(FALLBACK)
    assert sum(each["size"] for each in known.files.values()) < 4_000_000
    card = (FALLBACK / CARD).read_text(encoding="utf-8")
    for head in ("topic", "sentiment", "sentiment_target"):
        figures = known.metrics[head]
        assert f"| {figures['accuracy']:.3f} | {figures['macro_f1']:.3f} |" in card
    assert known.metrics["topic"]["accuracy"] > 0.8
    assert known.metrics["sentiment"]["macro_f1"] > 0.7
    assert describe(FALLBACK).created_by in card


@pytest.mark.parametrize(("text", "topic", "sentiment"), HEADLINES)
def test_plain_headlines_are_read_by_their_words(
    shipped: LinearPolicy, text: str, topic: str, sentiment: str
) -> None:
    (said,) = shipped.label([text])
    assert (said.topic, said.sentiment) == (topic, sentiment)


def test_the_targets_of_one_headline_are_told_apart(shipped: LinearPolicy) -> None:
    text = "Halvorsen soars, Brightwater tumbles"
    said = shipped.label([text, text], ["Halvorsen", "Brightwater"])
    negative = [each.sentiment_probabilities[0] for each in said]
    assert negative[1] > 2 * negative[0]
    assert said[0].topic_probabilities == said[1].topic_probabilities


def test_a_label_does_not_depend_on_its_neighbours(shipped: LinearPolicy) -> None:
    texts = [text for text, *_ in HEADLINES] + ODD
    together = shipped.label(texts)
    for text, said in zip(texts, together, strict=True):
        (alone,) = shipped.label([text])
        assert alone.topic_probabilities == pytest.approx(said.topic_probabilities, abs=1e-9)
        assert sum(alone.sentiment_probabilities) == pytest.approx(1.0)


def test_its_account_of_a_label_is_exact(shipped: LinearPolicy) -> None:
    for text, target in (
        (HEADLINES[0][0], ""),
        (HEADLINES[0][0], "Halvorsen"),
        ("", ""),
        (ODD[4], ""),
    ):
        (shown,) = shipped.label([text], [target])
        for why in shipped.explain(text, target, shown):
            assert why.gap < 1e-9
    (shown,) = shipped.label(["Bank fined for fraud"])
    _, why = shipped.explain("Bank fined for fraud", "", shown)
    assert [word for word, _ in why.words] == ["Bank", "fined", "for", "fraud"]
    chances = shown.sentiment_probabilities
    assert why.score == pytest.approx(np.log(max(chances) / sorted(chances)[1]), abs=1e-6)


def test_a_target_is_found_by_its_full_name_or_its_first_word() -> None:
    words = tokens("Shares of Halvorsen Marine fall as Bank of Varna cuts")
    assert ask_about(words, "Halvorsen Marine")[1] == 2
    assert ask_about(words, "Halvorsen Group")[1] == 2
    assert ask_about(words, "Norcast")[1] == -1
    assert ask_about(words, "")[1] == -1


def test_every_headline_has_unit_length() -> None:
    texts = [
        tokens(text) for text in ("Oil rises, oil falls", "oil oil oil", "a", "Fed cuts 25 bp")
    ]
    found = grams(texts, [-1, -1, -1, -1])
    keys = [(row, each) for row, each in zip(found.rows, found.hashes, strict=True)]
    for row in range(4):
        merged: dict[int, float] = {}
        for (owner, key), value in zip(keys, found.values, strict=True):
            if owner == row:
                merged[int(key)] = merged.get(int(key), 0.0) + float(value)
        assert sum(value**2 for value in merged.values()) == pytest.approx(1.0, abs=1e-5)
