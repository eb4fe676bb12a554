"""How fast one host is asked: few requests at once, and a little time between their starts.

A host is a name and a port (`monitor.urls.host_of`): narrower than the registrable domain, whose
feeds may be strangers to each other (FreshRSS 7870), and wide enough for a publisher's own server.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from monitor.urls import host_of

AT_ONCE = 2
GAP_S = 0.25

T = TypeVar("T")


class Pace:
    """Says whose turn it is; one for all threads that ask.

    `now` and `changed` are the time and the waiting: tests have both in their hands.
    """

    def __init__(
        self,
        gap_s: float = GAP_S,
        at_once: int = AT_ONCE,
        now: Callable[[], float] = time.monotonic,
        changed: threading.Condition | None = None,
    ) -> None:
        self._gap_s, self._at_once, self._now = gap_s, at_once, now
        self._changed = changed or threading.Condition()
        self._asking: Counter[str] = Counter()
        self._started: dict[str, float] = {}

    def take(self, waiting: list[tuple[str, T]]) -> tuple[str, T] | None:
        """Waits until the host of one of `waiting` may be asked, and takes that one out.

        The host is being asked from now on, until `leave`. None: nobody waits any more.
        """
        with self._changed:
            while waiting:
                at = self._now()
                waits = [self._wait_s(host, at) for host, _ in waiting]
                soonest = min(waits)
                if soonest <= 0:
                    return self._start(waiting.pop(waits.index(soonest)), at)
                self._changed.wait(None if soonest == float("inf") else soonest)
        return None

    def leave(self, host: str) -> None:
        with self._changed:
            self._asking[host] -= 1
            self._asking += Counter()  # drops the hosts that nobody asks
            self._changed.notify_all()

    def send_away(self, waiting: list[tuple[str, T]], host: str | None = None) -> None:
        """Whoever waits for this host, or at all, need not wait any longer."""
        with self._changed:
            waiting[:] = [one for one in waiting if host is not None and one[0] != host]
            self._changed.notify_all()

    def _wait_s(self, host: str, at: float) -> float:
        if self._asking[host] >= self._at_once:
            return float("inf")
        return self._started.get(host, at - self._gap_s) + self._gap_s - at

    def _start(self, one: tuple[str, T], at: float) -> tuple[str, T]:
        self._asking[one[0]] += 1
        self._started = {h: then for h, then in self._started.items() if then + self._gap_s > at}
        self._started[one[0]] = at
        return one


class Turn:
    """One feed's request, as it is led from host to host."""

    def __init__(self, pace: Pace, host: str) -> None:
        self._pace, self._host = pace, host

    def move(self, url: str) -> None:
        """Waits for the turn at the host of `url`, holding none meanwhile: nobody waits in a ring.

        A hop within one host goes on at once.
        """
        host = host_of(url)
        if host != self._host:
            self._pace.leave(self._host)
            self._pace.take([(host, None)])
            self._host = host

    def end(self) -> None:
        self._pace.leave(self._host)


@contextmanager
def next_turn(pace: Pace, waiting: list[tuple[str, T]]) -> Iterator[tuple[T, Turn] | None]:
    """The next whose host may be asked, and its turn; None where nobody waits any more."""
    taken = pace.take(waiting)
    if taken is None:
        yield None
        return
    turn = Turn(pace, taken[0])
    try:
        yield taken[1], turn
    finally:
        turn.end()


def fair_share(hosts: Sequence[str], limit: int, per_host: int) -> list[int]:
    """Which of those that wait to take, by place: every host's first before any host's second."""
    asked: Counter[str] = Counter()
    ranked = []
    for place, host in enumerate(hosts):
        if asked[host] < per_host:
            ranked.append((asked[host], place))
        asked[host] += 1
    return [place for _, place in sorted(ranked)[:limit]]
