"""Rows added to the training part of the cut, never to validation."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from policy.data import Example, clean

_NAME = re.compile(r"\$[A-Z]{1,5}\b|\b[A-Z][\w&'.-]+(?: [A-Z][\w&'.-]+){0,3}")
_NAMED_SHARE = 0.25  # of the topic rows also shown with a name of theirs as the target


def augment(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples, then what follows from them about whole headlines and about targets."""
    return [*examples, *whole_headlines(examples), *named_topics(examples, seed)]


def whole_headlines(examples: Sequence[Example]) -> list[Example]:
    """Headlines labelled by target only, once more without it where all targets agree.

    Topic streams read headlines without a target: they must not be foreign to the policy.
    """
    by_text: dict[str, set[str | None]] = defaultdict(set)
    for each in examples:
        by_text[clean(each.text)].add(each.sentiment)
    targeted = {clean(each.text): each for each in examples if each.target and each.sentiment}
    return [replace(each, target="") for key, each in targeted.items() if len(by_text[key]) == 1]


def named_topics(examples: Sequence[Example], seed: int) -> list[Example]:
    """Some topic rows with a name out of the headline as target: the topic stays the same."""
    draw = random.Random(seed)
    rows = []
    for each in examples:
        if each.topic is None or each.target or draw.random() >= _NAMED_SHARE:
            continue
        if name := name_in(each.text, draw):
            rows.append(replace(each, target=name))
    return rows


def name_in(text: str, draw: random.Random) -> str:
    """Something in the text that looks like a name or a ticker, or nothing."""
    names = _NAME.findall(clean(text))
    return draw.choice(names) if names else ""
