"""One story, many headlines: near-duplicate titles, told apart from template headlines.

A wire story reaches us as "UPDATE 2-Acme shares slump on profit warning", "Acme shares plunge after
profit warning - Reuters" and so on. MinHash keys (Broder 1997, by datasketch) find candidates;
`same_story` decides. Precision comes before recall: two copies counted as two stories are a small
error that the count of origins shows, two companies' results merged into one hide a story. So
numbers that disagree, opposite moves and exchanged names keep headlines apart, however alike.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, reduce

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from monitor.headline_text import bare
from monitor.headline_words import COMMON, GROUPS, NEGATIONS, OPPOSITE, STOP_WORDS

BANDS, ROWS = 16, 3  # candidates at Jaccard 0.6: 98 %, at 0.4: 65 %, at 0.2: 12 %
LIKE_ENOUGH = 0.6  # Jaccard of the words
SHORT = 4  # headlines of fewer words must agree in all of them, or in words and numbers
STORY_WINDOW = timedelta(days=3)  # what is only alike and told later than this is news again

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['&][^\W_]+)*")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_CJK_MOVES = {
    **dict.fromkeys("涨升增", "=price+"),
    **dict.fromkeys("跌降减", "=price-"),
    "盈": "=result-kind+",
    "亏": "=result-kind-",
}
_SCHEME = "affine32"  # stored keys depend on it
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_BAND = np.arange(1, BANDS + 1, dtype=np.uint64) * np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a title is compared by.

    `keys`: at most 16 signed 64-bit integers; titles alike enough share one, on every machine and
    in every process. `tokens`: words, moves folded together, without stop words; `names`: those of
    names. `numbers`: figures in a normal form. `text`: the bare title; its signature is this one.
    """

    keys: tuple[int, ...]
    tokens: frozenset[str]
    numbers: frozenset[str]
    text: str
    names: frozenset[str] = frozenset()


def signature(title: str) -> Signature:
    """The signature of a title of any length in any language."""
    text = bare(title)
    tokens: set[str] = set()
    numbers: set[str] = set()
    names: set[str] = set()
    telling = not (text.isupper() or text.islower())
    for word in _words(text):
        number, meant, may_name = _read(word)
        if number:
            numbers.add(number)
        tokens.update(meant)
        if may_name and (word[0].isupper() or not telling):
            names.update(meant)
    found = frozenset(tokens)
    keys = _keys(found or frozenset(numbers or {text}))
    return Signature(keys, found, frozenset(numbers), text, frozenset(names))


@lru_cache(maxsize=100_000)
def _read(word: str) -> tuple[str, tuple[str, ...], bool]:
    """The figure that a word is, or the tokens it stands for, and whether these may name someone.
    The same words come again and again."""
    if any(letter.isdigit() for letter in word):
        return _number(word), (), False
    if _CJK.search(word):
        return "", tuple(_from_cjk(word)), False
    token = _token(word.lower())
    return ("", (token,), word.lower() not in COMMON) if token is not None else ("", (), False)


def _words(text: str) -> list[str]:
    if "." in text:
        text = _INITIALS.sub(lambda match: match[0].replace(".", ""), text)
    return _WORD.findall(text if text.isascii() else _CJK.sub(r" \g<0> ", text))


@lru_cache(maxsize=100_000)
def _token(word: str) -> str | None:
    word = word.removesuffix("'s").removesuffix("'")
    if word in STOP_WORDS:
        return None
    if word in GROUPS:
        return GROUPS[word]
    if len(word) > 4 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _from_cjk(word: str) -> Iterable[str]:
    """Pairs of neighbouring characters, and the moves that single characters name."""
    yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
    yield from {_CJK_MOVES[letter] for letter in word if letter in _CJK_MOVES}


def _number(word: str) -> str:
    """2.50, 2,5 and 2.5 are one figure; 1,200 and 1200 too; q1 and 5g stay as they are."""
    word = word.lower()
    if not word[0].isdigit() or not word[-1].isdigit():
        return word
    if re.fullmatch(r"\d+,\d{1,2}", word):
        word = word.replace(",", ".")
    word = word.replace(",", "")
    return word.rstrip("0").rstrip(".") if word.count(".") == 1 else word


def _hash32(token: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(token, digest_size=4).digest(), "little")


_PERMUTATIONS = MinHash(num_perm=BANDS * ROWS, seed=1, scheme=_SCHEME).permutations


@lru_cache(maxsize=50_000)
def _smallest(token: str) -> NDArray[np.unsignedinteger]:
    """(48,) the MinHash of one token. That of a set is the least of its members', place by
    place."""
    minhash = MinHash(
        num_perm=BANDS * ROWS,
        seed=1,
        hashfunc=_hash32,
        permutations=_PERMUTATIONS,
        scheme=_SCHEME,
    )
    minhash.update(token.encode("utf-8", "replace"))
    return np.asarray(minhash.hashvalues)


def _keys(tokens: frozenset[str]) -> tuple[int, ...]:
    if not tokens:
        return ()
    rows = reduce(np.minimum, map(_smallest, tokens)).reshape(BANDS, ROWS)  # (16, 3)
    mixed = (rows * _MIX).sum(axis=1, dtype=np.uint64) ^ _BAND
    return tuple((mixed * _MIX[0]).view(np.int64).tolist())


def telling_key(signature: Signature) -> int | None:
    """Signed 64 bits of the bare title, in any case; None for few words, which recur by nature."""
    words = len(signature.tokens) + len(signature.numbers)
    told = hashlib.blake2b(signature.text.casefold().encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(told.digest(), "little", signed=True) if words >= SHORT else None


def same_story(a: Signature, b: Signature) -> bool:
    """Whether two titles tell one event."""
    return likeness(a, b) > 0


def likeness(a: Signature, b: Signature) -> float:
    """Jaccard similarity of the words, 0 where the titles tell two events."""
    if not (a.numbers <= b.numbers or b.numbers <= a.numbers):
        return 0.0
    common = len(a.tokens & b.tokens)
    union = len(a.tokens) + len(b.tokens) - common
    if not union:
        return float(a.numbers == b.numbers and a.text.casefold() == b.text.casefold())
    if common < LIKE_ENOUGH * union:
        return 0.0
    short = min(len(a.tokens), len(b.tokens)) < SHORT
    if short and common < union and not (a.numbers and a.numbers == b.numbers):
        return 0.0
    return 0.0 if _contradict(a, b) else common / union


def _contradict(a: Signature, b: Signature) -> bool:
    only_a, only_b = a.tokens - b.tokens, b.tokens - a.tokens
    if (only_a & a.names) and (only_b & b.names):
        return True
    if (only_a | only_b) & NEGATIONS:
        return True
    if any(OPPOSITE.get(token) in b.tokens for token in only_a):
        return True
    if any(OPPOSITE.get(token) in a.tokens for token in only_b):
        return True
    both_ways = any(OPPOSITE.get(token) in a.tokens for token in a.tokens)
    return both_ways and _moves(a.text) != _moves(b.text)


def _moves(text: str) -> list[str]:
    """The moves in their order: "A gains as B slips" is not "A slips as B gains"."""
    tokens = (_token(word.lower()) for word in _words(text))
    return [token for token in tokens if token in OPPOSITE]


def best_match(signature: Signature, candidates: Iterable[tuple[int, Signature]]) -> int | None:
    """The id of the candidate most like `signature`, the lowest id among equals, or None."""
    scored = [(-likeness(signature, other), story_id) for story_id, other in candidates]
    best = min(scored, default=(0.0, 0))
    return best[1] if best[0] < 0 else None


class StoryIndex:
    """The stories of the last `window`, in memory: for archives and replays.

    Add each story once, by its first title: comparing with later ones would let a story drift from
    "Oil falls" to "Oil falls 2 %" and "Oil falls 3 %". Times never run backwards.
    """

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._stories: OrderedDict[int, tuple[datetime, Signature]] = OrderedDict()
        self._by_key: defaultdict[int, set[int]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._stories)

    def find(self, signature: Signature, at: datetime) -> int | None:
        """The story that `signature` belongs to, or None for a new one."""
        self._forget(at)
        ids: set[int] = set()
        for key in signature.keys:
            ids.update(self._by_key.get(key, ()))
        return best_match(signature, ((story, self._stories[story][1]) for story in ids))

    def add(self, story_id: int, signature: Signature, at: datetime) -> None:
        self._stories[story_id] = (at, signature)
        for key in signature.keys:
            self._by_key[key].add(story_id)

    def _forget(self, at: datetime) -> None:
        while self._stories:
            story_id, (first, signature) = next(iter(self._stories.items()))
            if first > at - self._window:
                return
            del self._stories[story_id]
            for key in signature.keys:
                self._by_key[key].discard(story_id)
                if not self._by_key[key]:
                    del self._by_key[key]
