"""A wire's story under a headline of the outlet's own is known by its opening words."""

from __future__ import annotations

import pytest

from monitor.ledes import LENGTH, akin, lede_key
from monitor.stories import signature

LEDE = (
    "Regulators in the port city of Tellumar have opened an inquiry into how Halvorsen Marine "
    "insured cargo that, creditors say, never left the quay."
)


@pytest.mark.parametrize(
    "summary",
    [
        LEDE.upper(),
        LEDE.replace(",", " –"),
        f"TELLUMAR, March 3 (Reuters) - {LEDE}",
        f"(Adds details) TELLUMAR (AP) — {LEDE}",
        LEDE[: LENGTH + 10] + "…",
        f"{LEDE} The company declined to comment.",
    ],
    ids=("case", "points", "dateline", "what was added", "cut short", "goes on"),
)
def test_the_same_opening_has_the_same_key(summary: str) -> None:
    assert lede_key(summary) == lede_key(LEDE) is not None


def test_another_opening_has_another_key() -> None:
    assert lede_key(LEDE.replace("Halvorsen", "Brightwater")) != lede_key(LEDE)


@pytest.mark.parametrize("summary", ["", "Read more.", LEDE[: LENGTH - 20], "-" * 500])
def test_few_words_are_no_lede(summary: str) -> None:
    assert lede_key(summary) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tellumar opens inquiry into Halvorsen cargo", "Halvorsen faces inquiry over insurance"),
        ("Harbour fined 3,000 crowns by court", "Court tells owners to pay 3000 crowns"),
    ],
    ids=("a name", "a figure"),
)
def test_titles_of_the_same_things_are_akin(one: str, other: str) -> None:
    assert akin(signature(one), signature(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Halvorsen faces inquiry over cargo", "Central bank keeps its rates"),
        ("Halvorsen faces inquiry", "What Halvorsen means for the coast"),
        ("Halvorsen fined 30 crowns by court", "Court fines Halvorsen 40 crowns"),
        ("Agency affirms Halvorsen at stable outlook", "Agency affirms Orsk at stable outlook"),
        ("Markets close lower in late trade", "Markets in late trade: what traders say"),
    ],
    ids=("nothing shared", "one word", "figures differ", "a form", "nobody named"),
)
def test_titles_of_different_things_are_not_akin(one: str, other: str) -> None:
    assert not akin(signature(one), signature(other))
    assert not akin(signature(other), signature(one))
