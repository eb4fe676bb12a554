"""Whether there is anything to learn or to judge: cheap, for the daemon asks every minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.config_learn import LearnSection
from monitor.learning import approving
from monitor.store import learn_lease, trials
from monitor.store.engine import Transaction
from monitor.store.trials import Trial, Waiting

PROBATION = timedelta(days=7)  # for which a new champion is watched
TRIAL = timedelta(days=7)  # after which an undecided candidate makes way for the next
FEWEST = 20  # new verdicts without which no time makes a training due
_SHADOWS = timedelta(minutes=10)  # between looks at new articles by an open trial's challenger


@dataclass(frozen=True, slots=True)
class Known:
    """What the store says before a round."""

    waiting: Waiting  # that no training has seen
    trained_at: datetime | None  # the last one
    open: Sequence[Trial]
    unseen: int  # verdicts that no open trial has looked at
    approved: bool = False  # a candidate waits for nothing but a round


def read(tx: Transaction) -> Known:
    last, opened = trials.newest(tx, "promotion"), trials.open_trials(tx)
    unseen = [trials.waiting(tx, one.looked_through).count for one in opened]
    return Known(
        trials.waiting(tx, last.trained_through if last else 0),
        last.opened_at if last else None,
        opened,
        max(unseen, default=0),
        any(approving.enough(tx, one) for one in opened),
    )


def training(known: Known, section: LearnSection, now: datetime) -> str:
    """Why a candidate should be trained now, or "" where it should not."""
    if any(one.kind == "promotion" for one in known.open):
        return ""  # one candidate at a time
    count = known.waiting.count
    if count >= section.every_verdicts:
        return f"{count:,} new verdicts"
    since = known.trained_at or known.waiting.oldest
    if count >= FEWEST and since and now - since >= timedelta(hours=section.every_hours):
        return f"{count} new verdicts and {section.every_hours:g} h since the last training"
    return ""


def judging(known: Known, last_round: datetime | None, now: datetime) -> str:
    """Why the open trials should be moved on, or ""."""
    if not known.open:
        return ""
    if known.approved:
        return "a candidate that has passed was approved"
    if known.unseen:
        return f"{known.unseen} new verdicts on an open trial"
    if any(one.kind == "probation" and now >= one.opened_at + PROBATION for one in known.open):
        return "a probation is over"
    if last_round is None or now - last_round >= _SHADOWS:
        return "new headlines for the challenger"
    return ""


def round_wanted(tx: Transaction, section: LearnSection, now: datetime) -> str:
    """Why the daemon should run a round now, or ""."""
    lease = learn_lease.read(tx)
    if lease.claimed_until > now or lease.retry_at > now:
        return ""
    known = read(tx)
    return training(known, section, now) or judging(known, lease.ended_at, now)
