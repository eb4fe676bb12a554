"""Labelled headlines: read from CSV, cleaned as the policy sees them, cut for validation."""

from __future__ import annotations

import hashlib
import html
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policy.errors import DataError
from policy.types import SENTIMENTS, TOPICS

if TYPE_CHECKING:
    import pandas as pd

_LINK = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/)\S*", re.IGNORECASE)
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffd\ud800-\udfff]"
)
_WORD = re.compile(r"\w+")
_READ = 4_000  # characters looked at: bounds the work on a hostile headline
_KEPT = 1_000  # characters kept: more than the tokens an encoder reads
_DUPLICATE = 0.6  # Jaccard similarity of word sets from which two texts share a side of the cut
_HEADS = {"topic": TOPICS, "sentiment": SENTIMENTS}


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled headline; target "" is the headline as a whole, None an unknown label."""

    text: str
    target: str = ""
    topic: str | None = None
    sentiment: str | None = None


def clean(text: str) -> str:
    """What the policy sees of a text: no links, entities or control characters, one line.

    At most 1,000 characters; takes the same time for 4,000 characters as for 100,000.
    """
    head = html.unescape(_LINK.sub(" ", text[:_READ]))
    return " ".join(_CONTROL.sub(" ", head).split())[:_KEPT].rstrip()


def read_labelled(path: Path) -> list[Example]:
    """Rows of a CSV with `text`, optional `target`, and `topic` and/or `sentiment`.

    Other columns are ignored, an empty label is an unknown one, rows without text are refused.
    Raises DataError: one line that says what is wrong, where, and how to mend it.
    """
    table = table_of(path)
    if "text" not in table:
        raise DataError(
            f"{path}: no column `text` (found: {_names(table)}); name the headline column `text`"
        )
    heads = [head for head in _HEADS if head in table]
    if not heads:
        raise DataError(
            f"{path}: neither `topic` nor `sentiment` among the columns ({_names(table)}); add one"
        )
    _refuse_unusable_rows(path, table, heads)
    columns = [table[name] if name in table else [""] * len(table) for name in Example.__slots__]
    return [
        Example(text, target.strip(), topic or None, sentiment or None)
        for text, target, topic, sentiment in zip(*columns, strict=True)
    ]


def table_of(path: Path) -> pd.DataFrame:
    """The columns of a CSV, all of them text. Raises DataError, one line."""
    import pandas as pd  # here: who labels needs `clean` alone, and starts half a second sooner

    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: not a CSV table ({reason}); see the columns wanted") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def _names(table: pd.DataFrame) -> str:
    names = ", ".join(str(name) for name in table.columns)
    return names if len(names) <= 120 else names[:119] + "…"


def _refuse_unusable_rows(path: Path, table: pd.DataFrame, heads: Sequence[str]) -> None:
    blank = table["text"].str.strip() == ""
    if blank.any():
        raise DataError(f"{path}: row {_row(blank)}: no text; remove the row or fill it in")
    for head in heads:
        known = _HEADS[head]
        wrong = ~table[head].isin([*known, ""])
        if wrong.any():
            value = str(table[head][wrong].iloc[0])[:60]
            raise DataError(
                f"{path}: row {_row(wrong)}: unknown {head} {value!r}; use one of: "
                + "; ".join(known)
            )


def _row(marks: pd.Series[bool]) -> int:
    """The first marked row as a spreadsheet counts it: the header is row 1."""
    return int(marks.to_numpy().argmax()) + 2


def sources_of(files: Iterable[Path]) -> list[dict[str, str]]:
    """Name and SHA-256 of each file, as the manifest and the card name what was learned from."""
    return [
        {"name": each.name, "sha256": hashlib.sha256(each.read_bytes()).hexdigest()}
        for each in files
    ]


def fingerprint(examples: Iterable[Example]) -> str:
    """SHA-256 over rows and their order: what a checkpoint says it was trained on."""
    digest = hashlib.sha256()
    for each in examples:
        row = (each.text, each.target, each.topic or "", each.sentiment or "")
        digest.update("\x1f".join(row).encode("utf-8", "surrogatepass") + b"\x1e")
    return digest.hexdigest()


def cut(
    examples: Sequence[Example], seed: int, share: float = 0.1
) -> tuple[list[Example], list[Example]]:
    """(training, validation): whole groups of near-duplicate texts fall on one side.

    `share` is the part of the groups held out. The same examples and seed give the same cut.
    """
    groups = near_duplicates([each.text for each in examples])
    names = sorted(set(groups))
    random.Random(seed).shuffle(names)
    held = set(names[: round(len(names) * share)])
    training = [each for each, group in zip(examples, groups, strict=True) if group not in held]
    validation = [each for each, group in zip(examples, groups, strict=True) if group in held]
    return training, validation


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """For each text the index of the first text of its group, joined through MinHash LSH."""
    from datasketch import MinHash, MinHashLSH  # here, as pandas above: it brings half of scipy

    first: dict[frozenset[str], int] = {}
    words = [frozenset(_WORD.findall(clean(text).lower())) for text in texts]
    keys = [first.setdefault(each, index) for index, each in enumerate(words)]
    distinct = sorted(first.values())
    tokens = [sorted(word.encode("utf-8", "replace") for word in words[i]) for i in distinct]
    parent = {index: index for index in distinct}
    index = MinHashLSH(threshold=_DUPLICATE, num_perm=64)
    for key, sketch in zip(distinct, MinHash.bulk(tokens, num_perm=64, seed=1), strict=True):
        for other in sorted(index.query(sketch)):
            if _similar(words[key], words[other]):
                parent[_root(parent, key)] = _root(parent, other)
        index.insert(key, sketch, check_duplication=False)
    return [_root(parent, key) for key in keys]


def _similar(left: frozenset[str], right: frozenset[str]) -> bool:
    return len(left & right) >= _DUPLICATE * len(left | right)


def _root(parent: dict[int, int], key: int) -> int:
    while parent[key] != key:
        parent[key] = key = parent[parent[key]]
    return key
