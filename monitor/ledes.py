"""The same opening words under another title: a wire's story that an outlet gave its own headline.

Outlets that print a wire's story often change its title and seldom its first sentence. Titles that
differ too much for `monitor.stories` are one story all the same where the summaries open alike and
the titles speak of the same things. Words that have opened two stories, or one of another week, are
a slogan or a digest's standing first line, and tell nothing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime

from monitor.stories import STORY_WINDOW, Signature, signature

LENGTH = 120  # letters that are compared; fewer are often a formula
AKIN = 2  # words that two titles of one story share at least
FORMULA = 0.4  # of the words in common: no editor's choice, but a form

_DATELINE = re.compile(
    r"^(?:\([^()]*\)\s*)?[^()]{0,60}"
    r"\((?:reuters|ap|afp|dpa|upi|bloomberg|dow jones|xinhua|cnbc|cnn)\)\s*[-–—]*\s*",
    re.IGNORECASE,
)
_GAPS = re.compile(r"[\W_]+")
READ = 4 * LENGTH  # letters of the summary that can matter


def lede_key(summary: str) -> int | None:
    """Signed 64 bits of the first words, in any case and punctuation; None for too few words."""
    text = unicodedata.normalize("NFKC", summary[:READ])
    words = _GAPS.sub(" ", _DATELINE.sub("", text)).strip().casefold()
    if len(words) < LENGTH:
        return None
    told = hashlib.blake2b(words[:LENGTH].encode("utf-8", "replace"), digest_size=8, key=b"lede")
    return int.from_bytes(told.digest(), "little", signed=True)


def akin(a: Signature, b: Signature) -> bool:
    """Whether two titles may tell one story: they share words, whom they name or a figure, and
    their figures agree. Titles much alike that exchange a name fill one formula in."""
    common, agree = a.tokens & b.tokens, a.numbers <= b.numbers or b.numbers <= a.numbers
    if not agree or len(common) < AKIN or not (a.names & b.names or a.numbers & b.numbers):
        return False
    formula = len(common) >= FORMULA * len(a.tokens | b.tokens)
    return not (formula and a.names - b.tokens and b.names - a.tokens)


def retold(title: Signature, first: str, opened: datetime, now: datetime) -> bool:
    """Whether `title` tells the one story that these opening words belong to, opened as `first`."""
    return opened > now - STORY_WINDOW and akin(title, signature(first))
