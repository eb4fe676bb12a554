"""The checkpoint in the repository: small, whole, and of use on headlines nobody has published."""

from __future__ import annotations

import pytest

from policy.checkpoint import CARD, SHIPPED, describe, verify
from policy.labeller import Labeller

WIRE = [
    ("Regulator opens probe into Halvorsen accounts", "Legal | Regulation", "negative"),
    ("Norcast raises dividend for tenth straight year", "Dividend", "positive"),
    ("Halvorsen shares plunge 18% after auditor quits", "Stock Movement", "negative"),
    ("Oil slides as OPEC+ weighs output increase", "Energy | Oil", "negative"),
    ("Stocks end lower as tech rout deepens", "Markets", "negative"),
    ("Halvorsen names Ingrid Solberg chief executive", "Personnel Change", "neutral"),
    ("Arclight Pharma shares soar after trial success", "Stock Movement", "positive"),
]


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return Labeller.load(None, "cpu")


def test_it_is_whole_and_under_fifty_megabytes() -> None:
    files = verify(SHIPPED).files
    assert sum(each["size"] for each in files.values()) < 50_000_000


def test_its_card_gives_the_figures_of_its_manifest() -> None:
    card = (SHIPPED / CARD).read_text(encoding="utf-8")
    metrics = describe(SHIPPED).metrics
    for head in ("topic", "sentiment", "sentiment_target"):
        assert f"| {metrics[head]['accuracy']:.3f} | {metrics[head]['macro_f1']:.3f} |" in card
    for words in ("Apache-2.0", "ODC-BY", "MIT (SEntFiN", "Limits", "never trained on"):
        assert words in card
    assert describe(SHIPPED).created_by in card


def test_it_is_as_good_as_was_asked_for() -> None:
    metrics = describe(SHIPPED).metrics
    assert metrics["topic"]["accuracy"] >= 0.89
    assert metrics["sentiment"]["macro_f1"] >= 0.825
    assert metrics["sentiment_target"]["macro_f1"] >= 0.855
    for head in ("topic", "sentiment", "sentiment_target"):
        assert metrics[head]["ece"] < 0.04
    rates = [each["rate"] for each in metrics["checklist"]]
    assert sum(rates) / len(rates) > 0.89


@pytest.mark.parametrize(("text", "topic", "sentiment"), WIRE)
def test_plain_wire_headlines_are_understood(
    labeller: Labeller, text: str, topic: str, sentiment: str
) -> None:
    (said,) = labeller.label([text])
    assert (said.topic, said.sentiment) == (topic, sentiment)


@pytest.mark.parametrize(
    "text",
    [
        "Brightwater gains as Quayside slumps",
        "Brightwater wins patent case against Quayside",
        "Quayside profit falls while Brightwater beats forecasts",
    ],
)
def test_the_targets_of_one_headline_are_told_apart(labeller: Labeller, text: str) -> None:
    said = labeller.label([text, text], ["Quayside", "Brightwater"])
    assert [each.sentiment for each in said] == ["negative", "positive"]
