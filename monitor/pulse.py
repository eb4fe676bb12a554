"""Whether the jobs go on: a daemon that hangs answers questions and does nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

# Seconds within which one batch of a job is done, however slow feeds, receivers and machine are.
# Learning and pruning are not waited for: nothing is missed while they stand still.
PATIENCE_S = {"poll": 600.0, "label": 600.0, "detect": 600.0, "deliver": 1800.0}


class Pulse:
    """When each job last ended a batch, well or not: a store that is away hangs nobody.

    In seconds that no clock's being set can change.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last = dict.fromkeys(PATIENCE_S, now())

    def beat(self, job: str) -> None:
        self._last[job] = self._now()

    def standing_still(self) -> str:
        """Which jobs hang, and for how long; "" where all go on."""
        now = self._now()
        late = {job: now - self._last[job] for job in PATIENCE_S}
        hanging = [job for job, seconds in late.items() if seconds > PATIENCE_S[job]]
        return ", ".join(f"{job} has ended no batch for {late[job]:.0f} s" for job in hanging)
