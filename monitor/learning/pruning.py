"""Old candidates are removed; what is live, may be gone back to, or stands in a trial stays."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import structlog

from monitor.config import Settings
from monitor.learning.promoting import predecessor
from monitor.learning.shadow import WINDOW
from monitor.live_policy import live
from monitor.store import learning, shadows, trials
from monitor.store.engine import Store, Transaction

log = structlog.get_logger()

_NEWEST = 5  # candidates kept whatever became of them


def prune(store: Store, settings: Settings, now: datetime) -> list[str]:
    """Removes directories under learn.folder and their rows; returns the ids.

    Called by whoever holds the lease: nobody else writes there.
    """
    with store.write() as tx:
        kept = wanted(tx, settings)
        learned = [one for one in learning.checkpoints(tx) if one.learner]
        old = [one for one in learned[_NEWEST:] if one.id not in kept]
        learning.forget_checkpoints(tx, [one.id for one in old])
        shadows.forget(tx, kept, now - WINDOW)
    for left in settings.learn.folder.glob(".*.draft-*"):  # of a round that was killed
        shutil.rmtree(left, ignore_errors=True)
    for one in old:
        _remove(Path(one.path), settings.learn.folder)
        log.info("learn.pruned", candidate=one.id)
    return [one.id for one in old]


def wanted(tx: Transaction, settings: Settings) -> set[str]:
    """Live, what it followed, and both sides of every open trial."""
    now_live = live(tx, settings).checkpoint
    sides = {side for one in trials.open_trials(tx) for side in (one.champion, one.challenger)}
    return {now_live, predecessor(tx, now_live), *sides} - {""}


def _remove(path: Path, folder: Path) -> None:
    """Only what a round of learning has put there."""
    if path.resolve().parent == folder.resolve():
        shutil.rmtree(path, ignore_errors=True)
