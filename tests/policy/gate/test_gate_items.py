"""The first verdict on an item is evidence; what is said of it afterwards is not."""

from __future__ import annotations

import itertools
import random

from gate_desk import compared

from policy.gate.items import first_on_each
from policy.gate.types import Comparison

OIL = "Norcast cuts oil output after a fire at its largest refinery"


def said(text: str, z: int = 1, analyst: str = "ada", **other: str) -> Comparison:
    known = {"head": "topic", "target": "", "champion": "Markets", "challenger": "Macro"} | other
    return Comparison(
        z,
        analyst,
        known["head"],
        text,
        known["target"],
        known["champion"],
        known["challenger"],  # type: ignore[arg-type]
    )


def test_headlines_that_differ_are_all_kept_in_their_order() -> None:
    zs = compared([1, -1, 0, 1])
    assert first_on_each(zs) == zs


def test_a_second_verdict_on_a_headline_is_left_out_whoever_gives_it() -> None:
    first = said(OIL, -1)
    assert first_on_each([first, said(OIL), said(OIL, analyst="ben")]) == [first]


def test_the_first_answer_counts_even_where_it_was_neither() -> None:
    first = said(OIL, 0)
    assert first_on_each([first, said(OIL, 1, "ben"), said(OIL, 1, "cleo")]) == [first]


def test_dots_capitals_links_and_an_outlets_tail_make_no_other_headline() -> None:
    copies = (OIL.upper(), f"{OIL}...", f"{OIL} https://t.co/Qv7LxA02kd", f"{OIL} - Newswire")
    assert first_on_each([said(text) for text in (OIL, *copies)]) == [said(OIL)]


def test_another_target_is_the_same_headline_another_head_is_another_question() -> None:
    rows = [said(OIL), said(OIL, target="Norcast"), said(OIL, head="sentiment")]
    assert first_on_each(rows) == [rows[0], rows[2]]


def test_a_headline_without_words_is_one_item() -> None:
    assert len(first_on_each([said("…"), said("!!"), said("–")])) == 1


def test_which_are_kept_depends_on_no_answer() -> None:
    """The stake is known before the answer: that is what keeps the bet fair."""
    texts = [OIL, "Tellumar raises its dividend", OIL + " - Newswire", "Orbena names a new chair"]
    kept = {
        tuple(texts.index(one.text) for one in first_on_each(list(map(said, texts, zs))))
        for zs in itertools.product((1, 0, -1), repeat=4)
    }
    assert kept == {(0, 1, 3)}


def test_what_is_found_by_rarer_words_is_what_comparing_all_would_find() -> None:
    draw, kept = random.Random(4), list[frozenset[str]]()
    words = [letter * draw.randint(1, 7) for letter in "abcdefghijklmn"]
    texts = [" ".join(draw.sample(words, draw.randint(1, 9))) for _ in range(400)]
    for text in texts:
        own = frozenset(text.split())
        if all(len(own & each) < 0.6 * len(own | each) for each in kept):
            kept.append(own)
    found = [frozenset(one.text.split()) for one in first_on_each([said(text) for text in texts])]
    assert found == kept
    assert 20 < len(kept) < 380
