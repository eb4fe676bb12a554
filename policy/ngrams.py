"""Hashed n-grams of headlines: what the linear fallback sees. Numpy and a stable hash, no torch.

Words and pairs of words, letters inside words, and where a target is asked about the words on
each side of it. Everything is hashed to 32 bits; a head keeps as many of them as it has weights.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from policy.data import clean

Hashes = NDArray[np.uint32]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]")
_NUMBER = "#"  # every number reads alike
_ASKED = "\x01"  # stands where the target's name stood
_LETTERS = (3, 4, 5)  # lengths of the n-grams inside a word
_LETTERS_WEIGHT = 0.4  # there are several times as many of them as of words
_LONGEST_WORD = 24  # letters looked at, and
_MOST_WORDS = 192  # words looked at: they bound the work on a hostile headline
_NEAR = 3  # words from the target that count as beside it


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a cleaned text and where it stands in it."""

    word: str  # lower case
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Grams:
    """F occurrences of n-grams in B texts."""

    rows: NDArray[np.int64]  # (F,) which text
    hashes: Hashes  # (F,)
    values: NDArray[np.float32]  # (F,) those of one text are of unit length together
    first: NDArray[np.int64]  # (F,) the token that it begins with, counted over all texts
    last: NDArray[np.int64]  # (F,) the token that it ends with


def tokens(text: str) -> list[Token]:
    """Words, numbers and signs of the cleaned `text`, in reading order."""
    return [
        Token(_NUMBER if each[0][0].isdigit() else each[0].lower(), each.start(), each.end())
        for each, _ in zip(_WORD.finditer(clean(text)), range(_MOST_WORDS), strict=False)
    ]


def ask_about(found: Sequence[Token], target: str) -> tuple[list[Token], int]:
    """The tokens with the target's name as one, and its place; −1 where it is not named.

    Where the full name does not occur its first word stands for it ("Halvorsen" for "Halvorsen
    Marine"), unless that is a mere article.
    """
    words = [each.word for each in found]
    name = [each.word for each in tokens(target)]
    for wanted in (name, [each for each in name[:1] if len(each) > 3]):
        at = _place(words, wanted)
        if at >= 0:
            end = at + len(wanted)
            whole = Token(_ASKED, found[at].start, found[end - 1].end)
            return [*found[:at], whole, *found[end:]], at
    return list(found), -1


def _place(words: list[str], wanted: list[str]) -> int:
    """Where `wanted` stands among `words`; −1 for nowhere or nothing wanted."""
    size = len(wanted)
    starts = range(len(words) - size + 1) if size else ()
    return next((at for at in starts if words[at : at + size] == wanted), -1)


def grams(texts: Sequence[Sequence[Token]], places: Sequence[int]) -> Grams:
    """Every n-gram of every text; `places` says where each text's target stands, −1: nowhere."""
    words = [token.word for text in texts for token in text]
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    rows = np.repeat(np.arange(len(texts)), lengths)
    known = [_hashes(word) for word in words]
    hashes = np.array([each[0] for each in known], dtype=np.uint32)
    index = np.arange(len(words))
    letters = [each[1] for each in known]
    inside = np.repeat(index, [len(each) for each in letters])
    joined = np.flatnonzero(rows[1:] == rows[:-1])
    sided, sides = _sides(rows, lengths, np.asarray(places, dtype=np.int64))
    parts = [
        (index, index, hashes, 1.0),
        (joined, joined + 1, _mix(hashes[joined], hashes[joined + 1]), 1.0),
        (inside, inside, np.concatenate([*letters, np.empty(0, np.uint32)]), _LETTERS_WEIGHT),
        (sided, sided, _mix(hashes[sided], sides), 1.0),
    ]
    first, last, mixed = (np.concatenate([part[i] for part in parts]) for i in range(3))
    weights = np.repeat([part[3] for part in parts], [len(part[0]) for part in parts])
    owners = rows[first]
    return Grams(owners, mixed, _unit(owners, mixed, weights, len(texts)), first, last)


@lru_cache(maxsize=100_000)
def _hashes(word: str) -> tuple[int, Hashes]:
    """Of the word, and of the letter n-grams inside it."""
    spelt = f" {word[:_LONGEST_WORD]} "
    parts = {spelt[i : i + n] for n in _LETTERS for i in range(len(spelt) - n + 1)}
    parts = parts if len(word) > 2 else set()
    return _hash(f"w{word}"), np.array([_hash(f"l{each}") for each in sorted(parts)], np.uint32)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))


def _mix(left: Hashes, right: Hashes) -> Hashes:
    """A hash of the pair in this order (the multipliers are those of MurmurHash3's finisher)."""
    mixed = left * np.uint32(0x85EBCA6B) + right
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))


def _sides(
    rows: NDArray[np.int64], lengths: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Hashes]:
    """Tokens beside a target, and on which side and how near each stands (1 to 4)."""
    starts = np.cumsum(lengths) - lengths
    away = np.arange(len(rows)) - (starts + places)[rows]
    sided = np.flatnonzero((places[rows] >= 0) & (away != 0))
    away = away[sided]
    return sided, (1 + (away > 0) + 2 * (np.abs(away) > _NEAR)).astype(np.uint32)


def _unit(
    rows: NDArray[np.int64], hashes: Hashes, weights: NDArray[np.float64], texts: int
) -> NDArray[np.float32]:
    """Values of unit length a text; one that occurs c times counts 1 + ln c, shared out."""
    keys = (rows.astype(np.uint64) << np.uint64(32)) | hashes
    _, kind, counts = np.unique(keys, return_inverse=True, return_counts=True)
    times = counts[kind]
    values = weights * (1 + np.log(times)) / times
    squares = np.bincount(rows, weights * (1 + np.log(times)) * values, minlength=texts)
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    return np.asarray(values / lengths[rows], dtype=np.float32)
