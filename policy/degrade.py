"""Degradation in the open: the best policy that works now, and the better one again later.

GPU → CPU → linear fallback. Who serves is never hidden: `tier` and `checkpoint` are those of the
policy that gave the last answer, and every change is told to whoever asked to hear of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy.errors import CheckpointError, DeviceError
from policy.opening import open_policy
from policy.types import Policy, Prediction, Tier

Opener = Callable[[], Policy]
# What torch raises (out of memory, device lost: RuntimeError), what a broken file or a broken
# installation raises. Anything else is a bug, and not for another tier to hide.
FAILURES = (CheckpointError, DeviceError, RuntimeError, MemoryError, ImportError, OSError)


@dataclass(frozen=True, slots=True)
class Change:
    """Another policy serves from now on."""

    to: Policy
    better: bool
    reason: str  # why the one before it does not; "" where a better one works again


def ladder(path: Path | None, device: str) -> tuple[Opener, ...]:
    """The checkpoint on its device, the same on the processor, the fallback."""
    return (
        lambda: open_policy(path, device),
        lambda: open_policy(path, "cpu"),
        _fallback,
    )


def _fallback() -> Policy:
    from policy.fallback import LinearPolicy  # scipy's matrices: only for who comes down to it

    return LinearPolicy.load()


class Degrading:
    """A policy that serves from the first rung of a ladder that works.

    A rung that fails is left for the next one within the same call, so that no text goes
    unlabelled; after `retry_s` (twice as long each time that it fails again, an hour at most)
    the better ones are tried again. Where the last rung fails its error is raised.
    """

    def __init__(
        self,
        rungs: Sequence[Opener],
        changed: Callable[[Change], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        retry_s: float = 60.0,
        longest_s: float = 3_600.0,
    ) -> None:
        self._rungs, self._changed, self._clock = tuple(rungs), changed, clock
        self._retry_s, self._longest_s = retry_s, longest_s
        self._wait, self._since = retry_s, clock()
        self._at, self._live, reason = self._first_that_opens(0)
        if reason:
            changed(Change(self._live, False, reason))

    @property
    def checkpoint(self) -> str:
        return self._live.checkpoint

    @property
    def tier(self) -> Tier:
        return self._live.tier

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text, in input order, all of them from one policy."""
        if self._at and self._clock() - self._since >= self._wait:
            self._climb()
        while True:
            try:
                answer = self._live.label(texts, targets)
            except FAILURES as error:
                self._fall(error)
            else:
                return answer

    def replace(self, rungs: Sequence[Opener]) -> None:
        """Serves from another ladder, if its first rung opens.

        Raises what that raised (a CheckpointError, say), and the last good policy goes on.
        """
        live = rungs[0]()
        self._rungs, self._at, self._live = tuple(rungs), 0, live
        self._wait, self._since = self._retry_s, self._clock()

    def _fall(self, error: Exception) -> None:
        failed = (self._live.tier, self._live.checkpoint)
        at = self._at + 1
        while at < len(self._rungs):
            at, live, _ = self._first_that_opens(at)
            if (live.tier, live.checkpoint) != failed:
                self._put_off()
                self._at, self._live = at, live
                self._changed(Change(live, False, _one_line(error)))
                return
            at += 1  # the same once more: `auto` had already come down to the processor
        raise error

    def _climb(self) -> None:
        for at in range(self._at):
            try:
                live = self._rungs[at]()
            except FAILURES:
                continue
            if (live.tier, live.checkpoint) != (self._live.tier, self._live.checkpoint):
                self._at, self._live, self._since = at, live, self._clock()
                self._changed(Change(live, True, ""))
                return
        self._put_off()

    def _put_off(self) -> None:
        """The next try comes later, and later each time unless the last one held for long."""
        now = self._clock()
        held = now - self._since >= 2 * self._wait
        self._wait = self._retry_s if held else min(2 * self._wait, self._longest_s)
        self._since = now

    def _first_that_opens(self, start: int) -> tuple[int, Policy, str]:
        """Its rung, itself, and why the rungs before it would not open."""
        reason = ""
        for at in range(start, len(self._rungs)):
            try:
                return at, self._rungs[at](), reason
            except FAILURES as error:
                if at == len(self._rungs) - 1:
                    raise
                reason = reason or _one_line(error)
        raise IndexError("a ladder without rungs")


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
