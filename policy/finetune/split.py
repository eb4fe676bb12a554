"""Which verdicts are learned from, and which are kept aside to say when to stop."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from policy.data import clean, near_duplicates
from policy.learners.gather import tells
from policy.verdicts import Verdict

_LEAST, _MOST = 0.1, 0.3  # parts of the texts kept aside


def key(text: str) -> str:
    """What makes two texts the same one."""
    return clean(text).lower()


def gold_texts(verdicts: Sequence[Verdict]) -> set[str]:
    """Texts whose answer is known and asked to test the analysts: nothing may learn from them."""
    return {key(each.text) for each in verdicts if each.truth or each.why == "gold"}


def usable(verdicts: Sequence[Verdict], newest: int) -> list[Verdict]:
    """Answers that say something, without gold, at most the `newest` so many, by age and id."""
    barred = gold_texts(verdicts) | {""}
    some = [each for each in verdicts if tells(each) and key(each.text) not in barred]
    return sorted(some, key=lambda each: (each.at, each.id))[-newest:]


def kept_aside(verdicts: Sequence[Verdict]) -> NDArray[np.bool_]:
    """(N,) true for a tenth to three tenths of the texts: those audited first, then by hash.

    Near-duplicates fall on one side. Audited items were chosen uniformly, so they say what the
    policy is worth where it is used, which items chosen for their uncertainty do not.
    """
    groups = near_duplicates([each.text for each in verdicts])
    audited = {own for own, each in zip(groups, verdicts, strict=True) if each.why == "audit"}
    names = _names(groups, verdicts)
    bounds = [math.ceil(part * len(names)) for part in (_LEAST, _MOST)]
    wanted = min(max(len(audited), bounds[0]), bounds[1], len(names) - 1)
    order = sorted(names, key=lambda group: (group not in audited, names[group]))
    held: Collection[int] = set(order[:wanted])
    return np.array([group in held for group in groups], dtype=np.bool_)


def _names(groups: Sequence[int], verdicts: Sequence[Verdict]) -> dict[int, str]:
    """A name for each group that does not hang on the order in which its texts came."""
    names: dict[int, str] = {}
    for group, each in zip(groups, verdicts, strict=True):
        digest = hashlib.sha256(key(each.text).encode("utf-8", "replace")).hexdigest()
        names[group] = min(names.get(group, digest), digest)
    return names
