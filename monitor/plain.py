"""Publishers' text made plain: no markup, no entities, no control characters, one line."""

from __future__ import annotations

import html
import re

import nh3

_RAW_LIMIT = 200_000  # a page pasted into a description; the rest could not be shown anyway
_MARKUP = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?/?>|<!--")
_BREAKS = re.compile(
    r"<(?:/?(?:p|div|li|ul|ol|tr|td|h[1-6]|blockquote|table)|br|hr)\b[^<>]*>", re.IGNORECASE
)
_MORE_TAGS = (
    "script style iframe font form input button video audio source section svg path noscript html "
    "body head title meta link"
)
_KNOWN = frozenset(nh3.ALLOWED_TAGS).union(_MORE_TAGS.split())
_SILENT = {"script", "style", "noscript", "iframe", "svg", "head", "form"}
# C0 and C1, soft hyphen, zero-width and direction marks, surrogates, non-characters
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]+"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")


def plain(raw: str, limit: int) -> str:
    """`raw` as one line of plain text of at most `limit` characters.

    Entities escaped twice, as many publishers have them, are mended. A "<" that opens no HTML
    element ("margin < 5 %", "<ACME.N>") is text.
    """
    text = raw[:_RAW_LIMIT]
    for _ in range(3):
        before, text = text, _unescaped(text)
        if text == before:
            break
    return cut(" ".join(_INVISIBLE.sub("", " ".join(text.split())).split()), limit)


def _unescaped(text: str) -> str:
    if any(match[1] is None or match[1].lower() in _KNOWN for match in _MARKUP.finditer(text)):
        spaced = _BREAKS.sub(" ", text)
        text = nh3.clean(spaced, tags=set(), clean_content_tags=_SILENT)
    return html.unescape(text) if "&" in text else text


def cut(text: str, limit: int) -> str:
    """`text`, or its beginning and an ellipsis, in at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def first_sentence(text: str, limit: int = 200) -> str:
    """The first sentence of plain `text`, for entries that have no title."""
    return cut(_SENTENCE_END.split(text, maxsplit=1)[0], limit)
