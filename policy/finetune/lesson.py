"""What a policy is taught with, before any network has seen it: sorted, cut, weighed, named."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from policy.data import Example, fingerprint
from policy.errors import DataError
from policy.finetune.hearing import gold_of
from policy.finetune.replay import Replay, replay
from policy.finetune.settings import FinetuneSettings
from policy.finetune.split import gold_texts, kept_aside, key, usable
from policy.learners.gather import Gathered, gather
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import LABELS, Head, Verdict

FEWEST = 10  # headlines: a tenth of them is one to be kept aside
_KNOWN = {"topic": (None, *TOPICS), "sentiment": (None, *SENTIMENTS)}


@dataclass(frozen=True, slots=True)
class Lesson:
    """Verdicts by their use, and rows that hold the policy."""

    learned: Mapping[Head, Gathered]
    aside: Mapping[Head, Gathered]  # they say when to stop
    gold: Mapping[Head, Gathered]  # on items with a known answer: they test the analysts
    analysts: tuple[str, ...]  # rows of every panel
    replay: Replay
    data: Mapping[str, Any]  # counts and fingerprints, for the manifest


def prepare(
    settings: FinetuneSettings,
    verdicts: Sequence[Verdict],
    anchors: Sequence[Example],
    headlines: Sequence[tuple[str, str]],
    now: datetime,
) -> Lesson:
    """Raises DataError where there is nothing to learn from or a label is unknown.

    Ages count from the newest verdict, so that the same call made later is the same lesson; `now`
    only bounds what a wrong clock has dated into the future.
    """
    _refuse_unknown(verdicts, anchors)
    some = usable(verdicts, settings.memory)
    names = tuple(sorted({each.analyst for each in verdicts}))
    texts = {key(each.text) for each in some}
    if len(texts) < FEWEST:
        raise DataError(
            f"verdicts that say something are about {len(texts)} headlines (of {len(verdicts)} "
            f"verdicts given), too few to learn from; collect at least {FEWEST}"
        )
    held = kept_aside(some)
    aside = [each for each, out in zip(some, held, strict=True) if out]
    if not aside:
        raise DataError("all verdicts are about near-copies of one headline; collect about others")
    learned = [each for each, out in zip(some, held, strict=True) if not out]
    as_of = min(now, max(each.at for each in some))
    steps = settings.epochs * steps_of(settings, len({(v.text, v.target) for v in learned}))
    barred = gold_texts(verdicts) | {key(each.text) for each in aside}
    holding = replay(settings, anchors, headlines, barred, steps)
    return Lesson(
        {head: gather(learned, head, as_of, names) for head in LABELS},
        {head: gather(aside, head, as_of, names) for head in LABELS},
        {head: gold_of(verdicts, head, names) for head in LABELS},
        names,
        holding,
        {
            "verdicts": len(learned),
            "verdicts_aside": len(aside),
            "verdicts_gold": sum(1 for each in verdicts if each.truth),
            "analysts": len({each.analyst for each in some}),
            "sha256": _digest(verdicts),
            "anchors": len(holding.trained) - _unjudged(holding),
            "anchors_watched": len(holding.anchors),
            "anchors_sha256": fingerprint(anchors),
            "headlines": _unjudged(holding),
            "headlines_watched": len(holding.headlines),
            "headlines_sha256": fingerprint(Example(*each) for each in headlines),
        },
    )


def steps_of(settings: FinetuneSettings, rows: int) -> int:
    """Steps in an epoch over so many judged rows."""
    return math.ceil(rows / settings.judged_a_batch)


def _unjudged(holding: Replay) -> int:
    return sum(1 for each in holding.trained if each.topic is None and each.sentiment is None)


def _digest(verdicts: Sequence[Verdict]) -> str:
    """SHA-256 of the log, in whatever order it came."""
    digest = hashlib.sha256()
    for each in sorted(verdicts, key=lambda each: (each.at, each.id)):
        digest.update(repr(astuple(each)).encode("utf-8", "backslashreplace") + b"\n")
    return digest.hexdigest()


def _refuse_unknown(verdicts: Sequence[Verdict], anchors: Sequence[Example]) -> None:
    for verdict in verdicts:
        if verdict.head not in LABELS:
            raise DataError(
                f"verdict {verdict.id}: {verdict.head!r} is no head; use topic or sentiment"
            )
    for place, each in enumerate(anchors, 1):
        for head, labels in _KNOWN.items():
            if (said := getattr(each, head)) not in labels:
                raise DataError(f"anchor {place}: {said!r} is no {head}; mend the labelled file")
