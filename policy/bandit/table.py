"""Anybody's labelled file: the labels are those of the file, not ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from policy.data import Example, table_of
from policy.errors import DataError

_HEADS = ("topic", "sentiment")  # the first that a file has labels for is what is learned


@dataclass(frozen=True, slots=True)
class Table:
    """N labelled rows of K labels."""

    name: str
    head: str
    labels: tuple[str, ...]  # sorted
    examples: tuple[Example, ...]  # text and target; labels are not here
    truth: NDArray[np.int64]  # (N,)


def read_table(path: Path) -> Table:
    """Rows of a CSV with `text`, optional `target`, and `topic` or else `sentiment`.

    Rows without a label are left out. Raises DataError for a file that cannot be read, lacks a
    column or has fewer than two labels.
    """
    columns = table_of(path)
    if "text" not in columns:
        raise DataError(f"{path}: no column `text`; name the headline column `text`")
    head = next((each for each in _HEADS if each in columns and any(columns[each] != "")), "")
    if not head:
        raise DataError(f"{path}: no labels under `topic` or `sentiment`; add such a column")
    said = columns[head].str.strip()
    columns, said = columns[said != ""], said[said != ""]
    labels = tuple(sorted(set(said)))
    if len(labels) < 2 or 2 * len(labels) > len(said):
        raise DataError(
            f"{path}: {len(labels)} different labels under `{head}` in {len(said)} rows;"
            " at least two labels are needed, and two rows a label"
        )
    targets = columns["target"].str.strip() if "target" in columns else [""] * len(columns)
    pairs = zip(columns["text"], targets, strict=True)
    place = {label: index for index, label in enumerate(labels)}
    truth = np.array([place[each] for each in said], dtype=np.int64)
    return Table(path.stem, head, labels, tuple(Example(t, target) for t, target in pairs), truth)
