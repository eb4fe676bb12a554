from __future__ import annotations

import time
from pathlib import Path

import pytest

from policy.data import Example, clean, cut, fingerprint, near_duplicates, read_labelled
from policy.errors import DataError


def write(folder: Path, text: str) -> Path:
    file = folder / "rows.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_with_both_labels_and_a_target_is_read_whole(tmp_path: Path) -> None:
    file = write(
        tmp_path, "id,text,target,topic,sentiment\n7,Oil falls, Brent ,Energy | Oil,negative\n"
    )
    assert read_labelled(file) == [Example("Oil falls", "Brent", "Energy | Oil", "negative")]


def test_a_file_with_one_label_leaves_the_other_unknown(tmp_path: Path) -> None:
    file = write(tmp_path, "text,sentiment\nNaN rises,positive\nnull,\n")
    assert read_labelled(file) == [
        Example("NaN rises", sentiment="positive"),
        Example("null", sentiment=None),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("headline,topic\na,IPO\n", ["rows.csv", "text", "headline"]),
        ("text,label\na,1\n", ["rows.csv", "topic", "sentiment"]),
        ("text,sentiment\na,neutral\nb,bearish\n", ["row 3", "bearish", "negative"]),
        ("text,topic\na,IPO\n ,IPO\n", ["row 3", "no text"]),
        ("", ["rows.csv", "not a CSV"]),
        ('text,topic\n"a,IPO\n', ["rows.csv", "not a CSV"]),
    ],
)
def test_an_unusable_file_gets_one_line_that_says_where(
    tmp_path: Path, content: str, words: list[str]
) -> None:
    with pytest.raises(DataError) as caught:
        read_labelled(write(tmp_path, content))
    message = str(caught.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


def test_a_missing_file_and_a_folder_and_a_binary_are_data_errors(tmp_path: Path) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"text,topic\n\xff\xfe\x00,IPO\n")
    for path in (tmp_path / "none.csv", tmp_path, binary):
        with pytest.raises(DataError, match=path.name):
            read_labelled(path)


def test_clean_drops_links_entities_and_control_characters() -> None:
    text = "AT&amp;T\u200b  falls\x00 5%\n https://t.co/abc pic.twitter.com/xyz\ufeff"
    assert clean(text) == "AT&T falls 5%"


def test_clean_bounds_a_hostile_headline_quickly() -> None:
    started = time.perf_counter()
    for hostile in ("a" * 100_000, "https://" * 12_500, "&amp;" * 20_000, " " * 100_000):
        assert len(clean(hostile)) <= 1_000
    assert time.perf_counter() - started < 1.0


def test_the_cut_puts_no_near_duplicate_on_both_sides() -> None:
    story = "Norcast shares fall {} per cent after regulator opens probe into accounts {}"
    rows = [
        Example(f"{story.format(i % 7, '')} {word}", topic="IPO")
        for i, word in enumerate(["today", "", "https://t.co/1", "TODAY", "(update)"] * 4)
    ]
    rows += [Example(f"alpha{i} beta{i} gamma{i} delta{i}", topic="IPO") for i in range(80)]
    for seed in range(12):
        training, validation = cut(rows, seed)
        sides = [any("Norcast" in each.text for each in side) for side in (training, validation)]
        assert sides.count(True) == 1
        assert len(training) + len(validation) == len(rows)
        assert validation


def test_the_cut_follows_the_seed() -> None:
    rows = [Example(f"alpha{i} beta{i} gamma{i}", topic="IPO") for i in range(100)]
    assert cut(rows, 1) == cut(rows, 1)
    assert cut(rows, 1) != cut(rows, 2)


def test_unrelated_headlines_are_not_duplicates() -> None:
    texts = ["Oil falls on supply fears", "Fed holds rates", "oil FALLS on supply fears!"]
    assert near_duplicates(texts) == [0, 1, 0]


def test_the_fingerprint_sees_every_field() -> None:
    rows = [Example("a"), Example("a", "b"), Example("ab"), Example("a", topic="IPO")]
    assert len({fingerprint([each]) for each in rows}) == len(rows)
