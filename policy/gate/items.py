"""Which verdicts are evidence of their own: the first on each item.

What a second verdict on a headline says is no new draw from the news: where the first analyst
found the challenger right the next one will too, be the challenger better or not. So it is no bet
(a stake of 0, known before the answer, which keeps the martingale). That goes for the first answer
whatever it was: counting the next one where the first said "neither" would let whoever asks again
choose where. The same headline with other dots, capitals or a different outlet's tail is one item,
and so is the same headline towards another target; its two heads are two questions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from policy.data import clean
from policy.gate.types import Comparison

_WORD = re.compile(r"\w+")
_SAME = 0.6  # Jaccard similarity of word sets, as in policy.data.near_duplicates


def first_on_each(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """In order of arrival; which are kept depends on texts and order alone, never on an answer."""
    known: dict[str, _Seen] = {}
    return [each for each in comparisons if known.setdefault(each.head, _Seen()).new(each.text)]


class _Seen:
    """Texts so far, found again by their rarer words.

    Of two sets that are 0.6 alike each has that part of its words in common with the other. So, in
    whatever order words are, the first of the rest and one more have one in common (prefix
    filtering: Chaudhuri, Ganti and Kaushik 2006). Long words first: they are rarer.
    """

    def __init__(self) -> None:
        self._texts: list[frozenset[str]] = []
        self._with: dict[str, list[int]] = {}

    def new(self, text: str) -> bool:
        words = frozenset(_WORD.findall(clean(text).lower()))
        telling = _telling(words)
        near = {index for word in telling for index in self._with.get(word, ())}
        if any(_alike(words, self._texts[index]) for index in near):
            return False
        for word in telling:
            self._with.setdefault(word, []).append(len(self._texts))
        self._texts.append(words)
        return True


def _telling(words: frozenset[str]) -> list[str]:
    if not words:
        return [""]  # all texts without a word are one
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return ordered[: len(words) - math.ceil(_SAME * len(words)) + 1]


def _alike(left: frozenset[str], right: frozenset[str]) -> bool:
    return len(left & right) >= _SAME * len(left | right)
