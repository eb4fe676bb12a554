"""Other people's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.bandit.table import read_table
from policy.errors import DataError


def _written(folder: Path, text: str) -> Path:
    file = folder / "rows.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_labels_are_those_of_the_file(tmp_path: Path) -> None:
    found = read_table(_written(tmp_path, "text,topic\na,sport\nb,7\nc,sport\nd,7\n"))
    assert (found.head, found.labels) == ("topic", ("7", "sport"))
    assert found.truth.tolist() == [1, 0, 1, 0]


def test_rows_without_a_label_are_left_out(tmp_path: Path) -> None:
    found = read_table(_written(tmp_path, "text,sentiment\na,up\nb,\nc,down\nd,up\ne, down \n"))
    assert [each.text for each in found.examples] == ["a", "c", "d", "e"]
    assert found.truth.tolist() == [1, 0, 1, 0]


def test_a_topic_column_without_topics_gives_way_to_sentiment(tmp_path: Path) -> None:
    rows = "text,target,topic,sentiment\na,X,,up\nb,,,down\nc,,,up\nd,Y,,down\n"
    found = read_table(_written(tmp_path, rows))
    assert found.head == "sentiment"
    assert [each.target for each in found.examples] == ["X", "", "", "Y"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("headline,topic\na,b\n", "no column `text`"),
        ("text,label\na,b\n", "no labels under `topic` or `sentiment`"),
        ("text,topic\na,b\nc,b\n", "1 different labels"),
        ("text,topic\na,b\nc,d\ne,f\n", "3 different labels"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        read_table(_written(tmp_path, text))
