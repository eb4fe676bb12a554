"""How a headline is set: title case, capitals, a wire's prefix, a tweet's."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_SMALL = frozenset(
    "a an and as at but by for from in nor of on or over per the to up vs via".split()
)
_UNITS = frozenset("mn bn mln pct bps cr".split())
_LOWER = re.compile(r"(?<![\w&.$-])(?<!\w['’])[a-z][\w'’]*(?:-[a-z][\w'’]*)*")
_WIRE = ("UPDATE 1-", "UPDATE 2-", "BRIEF-", "REFILE-")
_TWEET = ("JUST IN: ", "BREAKING: ", "* ", "Alert: ")


def styled(text: str, dice: random.Random) -> Callable[[str], str]:
    """How this text, and its targets, are set; prose, known by its full stop, stays as it is."""
    if text.endswith("."):
        return _first_up
    return dice.choices(
        (
            _first_up,
            _titled,
            str.upper,
            _prefixed(dice.choice(_WIRE)),
            _prefixed(dice.choice(_TWEET)),
        ),
        (50, 30, 5, 8, 7),
    )[0]


def _prefixed(prefix: str) -> Callable[[str], str]:
    return lambda text: prefix + _first_up(text)


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _titled(text: str) -> str:
    return _first_up(_LOWER.sub(_word_up, text))


def _word_up(found: re.Match[str]) -> str:
    word = found.group(0)
    if word in _SMALL or word in _UNITS:
        return word
    return "-".join(_first_up(part) for part in word.split("-"))
