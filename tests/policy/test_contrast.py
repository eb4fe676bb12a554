from __future__ import annotations

import csv
import random
import re
from collections import Counter, defaultdict
from dataclasses import astuple
from pathlib import Path

import pytest

from policy.contrast.fill import Filler
from policy.contrast.frames import Frame, read_frames, turned
from policy.contrast.grammar import contrast_rows, grouped_rows
from policy.contrast.style import styled
from policy.data import Example, clean, read_labelled
from policy.types import SENTIMENTS, TOPICS

CUES = (  # beginnings: "surg" stands for surge, surges, surged, surging
    "record surg soar jump climb ris rally strong grow gain beat win raise boost high best profit "
    "order lift cut slash loss debt fall fell drop plung sink tumbl declin default fail fear miss "
    "warn fraud fine bankrupt recall strike lawsuit probe halt crush kill short down up low "
    "against not no fewer biggest worst"
).split()


@pytest.fixture(scope="module")
def grouped() -> list[tuple[str, Example]]:
    return grouped_rows(0, 6_000)


@pytest.fixture(scope="module")
def rows(grouped: list[tuple[str, Example]]) -> list[Example]:
    return [example for _, example in grouped]


def test_the_same_seed_writes_the_same_rows_and_another_seed_others() -> None:
    assert contrast_rows(7, 300) == contrast_rows(7, 300)
    assert contrast_rows(7, 300) != contrast_rows(8, 300)


def test_as_many_rows_come_as_were_asked_for(rows: list[Example]) -> None:
    assert 6_000 <= len(rows) < 6_010


def test_no_text_comes_twice_for_one_target(rows: list[Example]) -> None:
    asked = Counter((each.text.lower(), each.target) for each in rows)
    assert asked.most_common(1)[0][1] == 1


def test_one_text_and_target_never_bear_two_labels(rows: list[Example]) -> None:
    labels = defaultdict(set)
    for each in rows:
        labels[each.text.lower(), each.target.lower()].add(each.sentiment)
    assert [text for text, found in labels.items() if len(found) > 1] == []


def test_every_group_shows_both_signs_alike_often(grouped: list[tuple[str, Example]]) -> None:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for group, each in grouped:
        counted[group][str(each.sentiment)] += 1
    for group, found in counted.items():
        assert set(found) == set(SENTIMENTS), group
        assert min(found.values()) >= 20, (group, found)
        assert 0.6 < found["positive"] / found["negative"] < 1.6, (group, found)


def test_every_frame_has_its_turn(grouped: list[tuple[str, Example]]) -> None:
    per_group = Counter(group for group, _ in grouped)
    frames = Counter(frame.group for frame in read_frames())
    assert all(per_group[group] >= count for group, count in frames.items())


@pytest.mark.parametrize("cue", CUES)
def test_no_cue_word_gives_the_label_away(cue: str, rows: list[Example]) -> None:
    seen = Counter(
        str(each.sentiment) for each in rows if re.search(rf"\b{cue}", each.text.lower())
    )
    assert min(seen["positive"], seen["negative"]) >= 3, seen


def test_a_target_stands_in_its_text(rows: list[Example]) -> None:
    assert [each for each in rows if each.target not in each.text] == []
    assert sum(each.target != "" for each in rows) > 0.25 * len(rows)


def test_one_headline_asks_about_two_companies_with_opposite_outcomes(rows: list[Example]) -> None:
    labels = defaultdict(set)
    for each in rows:
        if each.target:
            labels[each.text].add(each.sentiment)
    assert sum({"positive", "negative"} <= found for found in labels.values()) > 150


def test_topics_are_spelt_as_the_policy_spells_them(rows: list[Example]) -> None:
    topics = {each.topic for each in rows} - {None}
    assert topics <= set(TOPICS)
    assert len(topics) >= 12


def test_the_texts_are_as_clean_as_the_policy_reads_them(rows: list[Example]) -> None:
    assert [each.text for each in rows if clean(each.text) != each.text] == []


def test_no_mark_of_the_grammar_is_left_in_a_text(rows: list[Example]) -> None:
    assert [each.text for each in rows if re.search(r"[<>{}\[\]|]|\(n\)| [,.;:]", each.text)] == []


def test_articles_agree_with_the_word_that_follows(rows: list[Example]) -> None:
    wrong = re.compile(r"\b(?:a (?=[aeio](?!ne|ur))|an (?![aeiouh8]|18|11))", re.IGNORECASE)
    assert [each.text for each in rows if wrong.search(each.text)] == []


def test_the_rows_read_back_from_a_table(rows: list[Example], tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(Example.__slots__)
        table.writerows(tuple(value or "" for value in astuple(each)) for each in rows)
    assert read_labelled(path) == rows


def test_a_turned_frame_differs_in_nothing_but_the_turned_word() -> None:
    frame = Frame("losses", "Earnings", "{C} loss <+narrows;-widens> to {money}", (("", "*"),))
    filler = Filler(random.Random(1))
    better, worse = (filler.fill(turned(frame.text, sign)) for sign in "+-")
    assert better.replace("narrows", "widens") == worse
    assert frame.labels("+") == [("", "positive")]
    assert frame.labels("-") == [("", "negative")]


def test_the_lower_of_two_amounts_is_lower_in_whatever_order_they_are_asked() -> None:
    for seed in range(50):
        text = Filler(random.Random(seed)).fill("{ehi} against {elo}").replace(",", "")
        high, low = (float(number) for number in re.findall(r"\d+(?:\.\d+)?", text))
        assert low < high, text


def test_a_frame_by_target_gives_each_slot_its_own_label() -> None:
    for frame in read_frames():
        signs = frame.signs
        assert signs == ("",) or all(mark in "*~+-0" for _, mark in frame.asked)
        assert (signs == ("",)) == all(mark in "+-0" for _, mark in frame.asked), frame.text
        for slot, _ in frame.asked:
            assert slot == "" or f"{{{slot}}}" in frame.text


def test_every_spot_of_a_frame_can_be_turned_the_same_ways() -> None:
    for frame in read_frames():
        spots = [
            frozenset(part[0] for part in spot.split(";"))
            for spot in re.findall(r"<([^<>]+)>", frame.text)
        ]
        assert len(set(spots)) <= 1, frame.text


def test_title_case_leaves_names_units_and_small_words_alone() -> None:
    set_text = "Kallio Oyj profit rises to EUR 2.1 mn after first-quarter sale"
    styles = {styled("x", random.Random(seed))(set_text) for seed in range(60)}
    assert "Kallio Oyj Profit Rises to EUR 2.1 mn After First-Quarter Sale" in styles


def test_prose_is_never_set_as_a_headline() -> None:
    prose = "Net sales rose to EUR 2.1 mn."
    assert {styled(prose, random.Random(seed))(prose) for seed in range(30)} == {prose}
