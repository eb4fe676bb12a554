"""Which headlines the policy cannot read: those in another language than English.

It finds nearly all of them neutral, so that a German feed would dilute every share. Letters of
another script tell by themselves where no English word stands among them, and so do three small
words of another language. Most headlines in Latin letters hold fewer: ten words, half of them
names, are too little for any detector. All headlines of one document together are enough: each
votes by its small words, and the document is foreign where most votes are and hardly any is for
English. What a feed declares counts for a few votes where it is another language; "en" is what a
blog's software writes by itself, and counts for nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.language_words import ENGLISH, FOREIGN
from monitor.types import Item

SURE = 3  # small words by which a headline tells of itself that it is foreign
DECLARED = 3  # votes that a declaration is worth
LEAST = 5  # votes below which a document says nothing
TIMES = 4  # as many votes for foreign as for English

_WORD = re.compile(r"(?<![\w/.@#$])[^\W\d_]+")  # no part of a link, a handle or a ticker
_ENGLISH_CODES = ("", "en", "us", "uk", "gb")  # as feeds have them, right or wrong
_EAST_ASIAN = "\u3040"  # from here on a letter says as much as three


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a headline tells of its language."""

    other_script: bool
    english: int  # small words
    foreign: int

    @property
    def alone(self) -> bool:
        """Whether it is foreign whatever stands around it."""
        return not self.english and (self.other_script or self.foreign >= SURE)


def tongue(title: str) -> Tongue:
    """Reads a headline of any length in any script."""
    words = _WORD.findall(title)
    english = sum(word.lower() in ENGLISH for word in words)
    # Names begin with a capital: in English hardly any other word has accents.
    small = [words[0].lower(), *(word for word in words[1:] if word[0].islower())] if words else []
    foreign = sum(
        word in FOREIGN or not (at == 0 or word.isascii()) for at, word in enumerate(small)
    )
    return Tongue(_other_script(title), english, foreign)


def unread(items: Sequence[Item]) -> frozenset[str]:
    """Guids of one document's items that are in a language which the policy does not read."""
    told = [(item, tongue(item.title)) for item in items]
    by_language: defaultdict[str, list[Tongue]] = defaultdict(list)
    for item, one in told:
        by_language[item.language].append(one)
    foreign = {language for language, found in by_language.items() if _foreign(language, found)}
    return frozenset(
        item.guid
        for item, one in told
        if one.alone or (item.language in foreign and one.english <= one.foreign)
    )


def _foreign(language: str, told: Iterable[Tongue]) -> bool:
    """Whether the headlines that a document declares to be in `language` are not in English."""
    votes = [one for one in told if not one.other_script]
    ours = sum(one.english > one.foreign for one in votes)
    theirs = sum(one.foreign > one.english for one in votes)
    if 2 * theirs < len(votes):
        return False
    if language.split("-")[0] not in _ENGLISH_CODES:
        theirs += DECLARED
    return ours + theirs >= LEAST and theirs >= TIMES * ours


def _other_script(text: str) -> bool:
    if text.isascii():
        return False
    letters = [letter for letter in text if letter.isalpha()]
    weights = [3 if letter >= _EAST_ASIAN else 1 for letter in letters]
    other = sum(w for w, letter in zip(weights, letters, strict=True) if not _is_latin(letter))
    return other > 0 and 2 * other >= sum(weights)


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter < "\u1f00"
