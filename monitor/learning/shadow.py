"""A challenger asked about what the champion has labelled: what the queue takes its disagreements
from, and what the detectors are re-based by if it goes live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.store import shadows
from monitor.store.engine import Store
from monitor.store.shadows import Owed, Shadow
from policy.types import Policy, Prediction

WINDOW = timedelta(days=14)
_BATCH = 512


def catch_up(
    store: Store,
    policy: Policy,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
    most: int | None = None,
) -> int:
    """Labels what is owed, the newest first, `most` rows at most; returns how many it were.

    Killed anywhere, what was written stays, and the next call goes on.
    """
    done = 0
    while most is None or done < most:
        with store.read() as tx:
            work = shadows.owed(tx, policy.checkpoint, now - WINDOW, _BATCH)
        if not work:
            break
        answers = policy.label([row.title for row in work], [row.target for row in work])
        rows = [_shadow(policy, *each) for each in zip(work, answers, strict=True)]
        with store.write() as tx:
            shadows.add(tx, rows)
        done += len(work)
        progress(done)
    return done


def _shadow(policy: Policy, row: Owed, answer: Prediction) -> Shadow:
    return Shadow(
        policy.checkpoint,
        row.article_id,
        row.target,
        answer.topic,
        answer.sentiment,
        answer.negative,
        answer.positive,
    )
