"""Watched names in text: whole words only, longest first, in order of appearance."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

_NO_BOUNDARY = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\W|_")
_LIKE_ASCII = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "＄": "$"})


@dataclass(frozen=True, slots=True)
class WatchedName:
    """A name on the watch-list and what else it is called.

    An alias all in capitals (a ticker: "GM", "ACME") matches exactly by case, bare, as "$GM" or as
    "(GM)"; every other name and alias matches in any case. Note that a ticker that is a word,
    such as "ALL", matches that word in headlines all in capitals.
    """

    name: str
    aliases: tuple[str, ...] = ()


class WatchList:
    """Finds watched names; the longest wins where two begin at the same place.

    Latin script needs word boundaries ("Acme Bank" is not in "Acme Bankers", but "Acme" is in
    "Acme's" and "Acme-backed"); Chinese, Japanese and Korean have none to need.
    """

    def __init__(self, names: Sequence[WatchedName]) -> None:
        self._any_case = _Automaton()
        self._exact = _Automaton()
        for watched in names:
            self._any_case.add(_lower(_plain(watched.name)), watched.name)
            for alias in map(_plain, watched.aliases):
                if alias.isupper() and alias.isascii():
                    self._exact.add(alias, watched.name)
                elif alias:
                    self._any_case.add(_lower(alias), watched.name)
        self._any_case.build()
        self._exact.build()

    def find(self, text: str) -> tuple[str, ...]:
        """The watched names in `text`, each once, in order of appearance."""
        text = _plain(text)
        found = [*self._any_case.matches(_lower(text)), *self._exact.matches(text)]
        names: dict[str, None] = {}
        taken = range(0)
        for start, end, owners in sorted(found, key=lambda match: (match[0], -match[1])):
            if start >= taken.stop or range(start, end) == taken:  # one alias, two owners
                names.update(dict.fromkeys(owners))
                taken = range(start, end)
        return tuple(names)


class _Automaton:
    """Patterns of one kind of case, and who owns each."""

    def __init__(self) -> None:
        self._owners: defaultdict[str, list[str]] = defaultdict(list)
        self._patterns: list[str] = []
        self._automaton: AhoCorasick | None = None

    def add(self, pattern: str, owner: str) -> None:
        if pattern and owner not in self._owners[pattern]:
            self._owners[pattern].append(owner)

    def build(self) -> None:
        self._patterns = list(self._owners)
        if self._patterns:
            self._automaton = AhoCorasick(self._patterns)

    def matches(self, text: str) -> Iterator[tuple[int, int, list[str]]]:
        """(start, end, owners) of each whole-word match, overlapping ones included.

        All of them, since the automaton's own choice of the longest knows no boundaries and would
        hide "Acme" behind an "Acme Bank" that turns out to be "Acme Bankers".
        """
        if self._automaton is None:
            return
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _bounded(text, start, end):
                yield start, end, self._owners[self._patterns[index]]


def _bounded(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return _free(before, text[start]) and _free(text[end - 1], after)


def _free(left: str, right: str) -> bool:
    """Whether a word may begin or end between two neighbouring characters ("" at an edge)."""
    return not (left and right) or bool(_NO_BOUNDARY.match(left) or _NO_BOUNDARY.match(right))


def _plain(text: str) -> str:
    return text.translate(_LIKE_ASCII)


def _lower(text: str) -> str:
    """Lower case with every character in its place ("İ" would become two)."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
