"""Holding the lease on learning for as long as a round takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from monitor.errors import LearnError
from monitor.store import learn_lease
from monitor.store.engine import DatabaseFault, Store

log = structlog.get_logger()

LEASE = timedelta(minutes=2)  # how long a holder that was killed is waited for
_RENEW_S = 20.0


@contextmanager
def held(store: Store, holder: str, clock: Callable[[], datetime]) -> Iterator[None]:
    """Raises LearnError, one line, where another round runs."""
    with store.write() as tx:
        now = clock()
        taken = learn_lease.take(tx, holder, now, now + LEASE)
        other = learn_lease.read(tx)
    if not taken:
        raise LearnError(
            f"another round of learning runs ({other.holder}); wait until it has ended, at the "
            f"latest {other.claimed_until:%H:%M:%S} UTC where it was killed"
        )
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, holder, clock, ended), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()
        with store.write() as tx:
            learn_lease.release(tx, holder)


def _renew(
    store: Store, holder: str, clock: Callable[[], datetime], ended: threading.Event
) -> None:
    while not ended.wait(_RENEW_S):
        try:
            with store.write() as tx:
                learn_lease.take(tx, holder, clock(), clock() + LEASE)
        except DatabaseFault:  # a busy database: there are several tries in a lease
            log.warning("learn.lease_not_renewed", holder=holder)
