"""The jobs on their periods, whatever happens to the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

from monitor.context import Context
from monitor.jobs import JOBS, Job
from monitor.store import feeds

log = structlog.get_logger()


def schedule(work: Callable[[Job], None], now: datetime) -> BackgroundScheduler:
    """All jobs, due at once; `work` does what one has to do."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": {"type": "threadpool", "max_workers": len(JOBS)}},
        # A late tick is still wanted, once, however late; a job never runs beside itself.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
    )
    for job in JOBS:
        scheduler.add_job(
            work,
            "interval",
            seconds=job.period_s,
            args=(job,),
            id=job.name,
            next_run_time=now,
        )
    return scheduler


def catch_up(scheduler: BaseScheduler, context: Context) -> None:
    """A clock that was set back must not leave jobs and feeds waiting for a time that has been."""
    now = context.clock()
    jobs = scheduler.get_jobs()
    waiting = [job for job in jobs if job.next_run_time > now + 2 * job.trigger.interval]
    for job in waiting:
        job.modify(next_run_time=now)
    if waiting:
        log.warning("clock.set_back", jobs=[job.id for job in waiting])
        with context.store.write() as tx:
            feeds.hurry(tx, now)
