"""learn: verdicts → a candidate, its trial, and now and then another policy.

Only looks whether there is something to do. The work is done by a child process, the same round
that `downdraft learn` runs for a person, so that no training makes a label late.
"""

from __future__ import annotations

import os
import socket

import structlog

from monitor.context import Context
from monitor.errors import LearnError
from monitor.learning import due
from monitor.learning.process import run_child
from monitor.store import learn_lease

log = structlog.get_logger()


def learn(context: Context) -> bool:
    """One round, where one is due. Raises LearnError where it went wrong."""
    section = context.settings.learn
    if not section.enabled:
        return False
    with context.store.read() as tx:
        why = due.round_wanted(tx, section, context.clock())
    if not why:
        return False
    holder = f"the daemon {os.getpid()} on {socket.gethostname()}"
    log.info("learn.begun", why=why)
    try:
        answer = run_child(context.settings, holder, context.stopping)
    except LearnError as error:
        _note_failure(context, holder, error)
        if context.stopping.is_set():
            return False
        raise
    log.info(
        "learn.ended", state=answer.get("state"), candidate=answer.get("candidate"),
        verdicts=answer.get("verdicts"), reasons=answer.get("reasons"),
    )  # fmt: skip
    return False


def _note_failure(context: Context, holder: str, error: LearnError) -> None:
    """A child that died cannot give its lease back; one that failed is tried again, ever later."""
    with context.store.write() as tx:
        learn_lease.release(tx, holder)
        if context.stopping.is_set():
            return
        after = learn_lease.note_failure(tx, context.clock())
    log.error(
        "learn.failed", reason=str(error), in_a_row=after.failures,
        retry_at=after.retry_at.isoformat(timespec="seconds"),
    )  # fmt: skip
