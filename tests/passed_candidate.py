"""The linear policy on trial against the one that ships, and analysts who side with either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from learning_desk import Desk, differing

from monitor.config import Settings
from monitor.learning.bench import Bench
from monitor.learning.setting import Round
from monitor.store import learning, trials, verdicts
from monitor.store.engine import Store
from monitor.store.learning import KnownCheckpoint
from monitor.store.trials import Opening, Trial
from policy.contrast.grammar import contrast_rows
from policy.data import Example
from policy.manifest import FALLBACK, SHIPPED, describe
from policy.opening import open_policy

CANDIDATE, CHAMPION = describe(FALLBACK).id, describe(SHIPPED).id
ENOUGH = 60  # verdicts for one side that prove it right


def a_round(store: Store, folder: Path, now: datetime, **learn: Any) -> Round:
    """Of a daemon that nobody has asked."""
    given = {"policy": {"device": "cpu"}, "learn": {"folder": str(folder / "policies"), **learn}}
    settings = Settings.model_validate(given)
    return Round(store, settings, lambda: now, Bench(store, settings), lambda *_: None)


def put_on_trial(store: Store, now: datetime) -> Trial:
    with store.write() as tx:
        known = KnownCheckpoint(CANDIDATE, str(FALLBACK), CHAMPION, "", {}, now)
        learning.add_checkpoint(tx, known)
        return trials.begin(tx, Opening("promotion", CANDIDATE, CHAMPION, 1, 0, 0, now, {}))


def say(store: Store, now: datetime, side: str, part: slice, desk: Desk | None = None) -> None:
    """Blind verdicts that find `side` right, on a part of what the two label differently."""
    rows = _as_said()[side][part]
    given = (desk or Desk()).blind(rows, now, f"{side}{part.start}-")
    with store.write() as tx:
        verdicts.add(tx, given, now)


@cache
def _as_said() -> dict[str, Sequence[Example]]:
    """By side: headlines with its answer as their truth."""
    sides = {CHAMPION: open_policy(SHIPPED, "cpu"), CANDIDATE: open_policy(FALLBACK, "cpu")}
    rows = differing(contrast_rows(9, 400), *sides.values())
    texts, targets = [row.text for row in rows], [row.target for row in rows]
    return {
        id_: [
            Example(row.text, row.target, sentiment=said.sentiment)
            for row, said in zip(rows, policy.label(texts, targets), strict=True)
        ]
        for id_, policy in sides.items()
    }
