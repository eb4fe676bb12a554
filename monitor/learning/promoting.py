"""Going live and going back: one row each, with what follows from it, in one transaction."""

from __future__ import annotations

from datetime import datetime

from monitor.errors import LearnError
from monitor.store import learning, trials
from monitor.store.engine import Transaction
from monitor.store.learning import Promotion
from monitor.store.trials import Opening, State, Trial


def promote(
    tx: Transaction, candidate: str, before: str, reason: str, by: str, now: datetime
) -> Promotion:
    """`candidate` goes live and is on probation against what it follows."""
    done = learning.promote(tx, candidate, before, reason, by, now)
    _end_open(tx, candidate, f"{candidate} went live, by {by}: {reason}", now)
    seen = trials.waiting(tx, 0).newest
    stood = trials.of_challenger(tx, candidate)
    trials.begin(
        tx,
        Opening(
            kind="probation",
            challenger=before,
            champion=candidate,
            test=0,
            trained_through=stood[0].trained_through if stood else 0,
            looked_through=seen,
            opened_at=now,
            report={},
        ),
    )
    return done


def roll_back(tx: Transaction, live: str, reason: str, by: str, now: datetime) -> Promotion:
    """What was live before `live` is live again. Raises LearnError where nothing was."""
    before = predecessor(tx, live)
    if not before:
        raise LearnError(f"nothing was live before {live}: there is nothing to go back to")
    done = learning.promote(tx, before, live, reason, by, now, kind="rollback")
    _end_open(tx, before, f"{live} was rolled back to {before}", now)
    return done


def predecessor(tx: Transaction, live: str) -> str:
    """What `live` took over from when it was last promoted; "" where it never was.

    Not simply what was live last: going back twice goes back two steps.
    """
    for one in learning.promotions(tx):
        if one.kind == "promote" and one.checkpoint == live:
            return one.before
    return ""


def settle(tx: Transaction, live: str, now: datetime) -> None:
    """Ends trials whose champion is not what is live: the configuration names another one."""
    for one in trials.open_trials(tx):
        if one.champion != live:
            trials.decide(tx, one.number, _ending(one, live), [f"{live} is live now"], now)


def _end_open(tx: Transaction, live: str, reason: str, now: datetime) -> None:
    """Trials against a champion that is none any more."""
    for one in trials.open_trials(tx):
        trials.decide(tx, one.number, _ending(one, live), [reason], now)


def _ending(one: Trial, live: str) -> State:
    """How a trial ends by what is live now."""
    if one.kind == "probation":
        return "rolled_back" if one.challenger == live else "kept"
    return "promoted" if one.challenger == live else "refused"
