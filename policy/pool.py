"""Unlabelled headlines for the teacher to label: which to take of an archive, and about whom."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace

from policy.augment import name_in
from policy.data import Example, clean

_NAMED_SHARE = 1 / 3  # of the texts that hold a name, asked about that name
_SENTENCE = re.compile(r"(?<=[a-z0-9%)][.!?]) +(?=[A-Z])")
_LONGEST = 300  # characters: a headline or one sentence


def pool(texts: Iterable[str], size: int, seed: int) -> list[Example]:
    """At most `size` distinct texts, drawn by `seed`, some of them asked about a name of theirs."""
    distinct = {clean(text).lower(): clean(text) for text in texts if text.strip()}
    kept = sorted(each for each in distinct.values() if len(each) <= _LONGEST)
    draw = random.Random(seed)
    chosen = draw.sample(kept, min(size, len(kept)))
    return [_about(Example(text), draw) for text in chosen]


def first_sentence(text: str) -> str:
    """The beginning of a summary, as press releases put the news."""
    return _SENTENCE.split(clean(text), maxsplit=1)[0]


def _about(example: Example, draw: random.Random) -> Example:
    if draw.random() < _NAMED_SHARE and (name := name_in(example.text, draw)):
        return replace(example, target=name)
    return example
