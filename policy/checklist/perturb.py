"""Changes of a text that leave its meaning alone: pure functions, text to text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_TICKER = re.compile(r"\$[A-Z]{1,5}\b")
_LISTING = re.compile(r"\((NYSE|NASDAQ|LSE): [A-Z]{1,5}\)")
_WORD = re.compile(r"[A-Za-z]{3,}")
_APOSTROPHE = re.compile(r"(?<=\w)'")
_OPENING = re.compile(r"(^|[\s(])(['\"])")
_CURLY = {"'": "‘", '"': "“"}


def upper_case(text: str) -> str:
    return text.upper()


def lower_case(text: str) -> str:
    return text.lower()


def title_case(text: str) -> str:
    """Each word begun with a capital; the rest of the word stays as it is."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def html_entities(text: str) -> str:
    """As a feed that escapes once too often has it."""
    return html.escape(text).replace(" - ", " &ndash; ").replace(" ", "&nbsp;", 1)


def link_added(text: str) -> str:
    return f"{text} https://t.co/Qv7LxA02kd"


def full_stop_added(text: str) -> str:
    return f"{text}."


def ellipsis_added(text: str) -> str:
    return f"{text} ..."


def typographic(text: str) -> str:
    """Straight quotes made curly, spaced hyphens made dashes."""
    opened = _OPENING.sub(lambda found: found[1] + _CURLY[found[2]], text)
    closed = _APOSTROPHE.sub("’", opened).replace('"', "”").replace("'", "’")
    return closed.replace(" - ", " — ")


def spaced(text: str) -> str:
    """Zero-width space, byte-order mark, no-break and double spaces, as copied pages have them."""
    first, *rest = text.split(" ")
    return "\ufeff" + "  ".join([f"{first}\u200b", *rest]).replace("  ", "\u00a0 ", 1)


def source_added(text: str) -> str:
    return f"{text} - Newswire"


def foreign_tail(text: str) -> str:
    return f"{text} | Börse und Märkte"


def ticker_added(text: str) -> str:
    """The first longer word's letters as a ticker in front."""
    found = _WORD.search(text)
    return f"${found[0][:4].upper()} {text}" if found else text


def ticker_removed(text: str) -> str:
    return " ".join(_LISTING.sub("", _TICKER.sub("", text)).split())


def ticker_swapped(text: str) -> str:
    return _LISTING.sub(r"(\1: QXPT)", _TICKER.sub("$QXPT", text))


PERTURBATIONS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            upper_case,
            lower_case,
            title_case,
            html_entities,
            link_added,
            full_stop_added,
            ellipsis_added,
            typographic,
            spaced,
            source_added,
            foreign_tail,
            ticker_added,
            ticker_removed,
            ticker_swapped,
        )
    }
)
