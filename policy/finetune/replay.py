"""Rows on which the policy must stay what it was."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from policy.contrast.grammar import contrast_rows
from policy.data import Example
from policy.finetune.settings import FinetuneSettings
from policy.finetune.split import key

_WATCHED = 500  # rows of each kind that are measured and never trained on
_WATCHED_PART = 0.2  # of what was given, where that is less


@dataclass(frozen=True, slots=True)
class Replay:
    """Rows that hold the policy, and rows that only watch it."""

    trained: list[Example]
    anchors: list[Example]  # watched, with known labels
    headlines: list[Example]  # watched, without


def replay(
    settings: FinetuneSettings,
    anchors: Sequence[Example],
    headlines: Sequence[tuple[str, str]],
    barred: Collection[str],
    steps: int,
) -> Replay:
    """Draws what `steps` steps need, none whose text (its key) is `barred`."""
    draw = random.Random(settings.seed)
    known = _shuffled([each for each in anchors if key(each.text) not in barred], draw)
    plain = [Example(*each) for each in dict.fromkeys(headlines) if key(each[0]) not in barred]
    aside, known = _cut(known)
    watched, plain = _cut(_shuffled(plain, draw))
    wanted = steps * settings.anchors_a_batch
    ours = round(wanted * settings.contrast) if known else wanted
    rows = known[: wanted - ours] + contrast_rows(settings.seed, ours)
    return Replay(rows + plain[:wanted], aside, watched)


def _shuffled(rows: list[Example], draw: random.Random) -> list[Example]:
    draw.shuffle(rows)
    return rows


def _cut(rows: list[Example]) -> tuple[list[Example], list[Example]]:
    watched = min(_WATCHED, round(len(rows) * _WATCHED_PART))
    return rows[:watched], rows[watched:]
