"""The pipeline: each job is a query, a pure function, a write.

     poll ──▶ article ──▶ label ──▶ label ──▶ detect ──▶ alert + delivery ──▶ deliver
    (feeds)    story     (policy)            (e-detector)     (outbox)      (senders)
                            ▲
     learn ──▶ promotion ───┘          prune: what is old
  (verdicts)

The tables between the arrows are the queues. A job does one batch and says whether there may
be more; killed anywhere, it leaves its work where the next tick finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.context import Context
from monitor.jobs.deliver import deliver
from monitor.jobs.detect import detect
from monitor.jobs.label import label
from monitor.jobs.learn import learn
from monitor.jobs.poll import poll
from monitor.jobs.prune import prune


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    tick: Callable[[Context], bool]  # True: there may be more to do at once
    period_s: float


JOBS: tuple[Job, ...] = (
    Job("poll", poll, 5),
    Job("label", label, 2),
    Job("detect", detect, 15),
    Job("deliver", deliver, 2),
    Job("learn", learn, 60),
    Job("prune", prune, 3600),
)
