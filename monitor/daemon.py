"""The daemon: opens the outside world, runs the jobs on their periods, serves the page."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial

import structlog
import uvicorn
from prometheus_client import CollectorRegistry

from monitor.clock import wall_clock
from monitor.config import Settings
from monitor.context import Clock, Context, stay
from monitor.errors import ConfigError, LearnError
from monitor.fetch import make_client
from monitor.gauges import not_ready, refresh_gauges
from monitor.jobs import Job
from monitor.live_policy import LivePolicy, live
from monitor.metrics import Metrics
from monitor.pacing import GAP_S, Pace
from monitor.parser_process import ParserProcess
from monitor.periods import catch_up, schedule
from monitor.pulse import Pulse
from monitor.receivers import open_senders
from monitor.store import feeds, runs
from monitor.store.engine import Store, open_store
from monitor.store.feeds import NewFeed
from monitor.supervisor import supervisor_of
from monitor.urls import feed_name, origin
from monitor.watching import watch_list_of
from monitor.web.app import create_app
from policy.degrade import Change
from policy.opening import open_policy
from policy.types import Policy

log = structlog.get_logger()

_WATCH_S = 30  # at most, between two looks at the clock and at whether the jobs go on


@contextmanager
def open_context(
    settings: Settings,
    clock: Clock = wall_clock,
    policy: Policy | None = None,
    seed: int | None = None,
    serve: bool = False,
    stopping: threading.Event | None = None,
) -> Iterator[Context]:
    """Everything a job needs, opened and closed again.

    Without a `policy`: the live one, or with `serve` one that follows each promotion and comes
    down to the next tier where it must. Raises ConfigError, StoreError, CheckpointError.
    """
    with ExitStack() as stack:
        store = open_store(settings.store.url)
        stack.callback(store.close)
        client = make_client(settings.poll.allow_private, settings.poll.user_agent)
        stack.enter_context(client)
        metrics = Metrics(CollectorRegistry())
        following = serving_policy(store, settings, clock, metrics) if serve else None
        yield Context(
            settings=settings,
            store=store,
            metrics=metrics,
            clock=clock,
            policy=policy or following or load_policy(settings, store),
            watch_list=watch_list_of(settings),
            client=client,
            parser=stack.enter_context(ParserProcess()),
            senders=open_senders(settings.receivers, stack),
            rng=random.Random(seed),
            follow=following.follow if following else stay,
            # A clock that is moved by hand has no seconds to wait for.
            pace=Pace(GAP_S if clock is wall_clock else 0),
            stopping=stopping or threading.Event(),
        )


def load_policy(settings: Settings, store: Store) -> Policy:
    """The checkpoint that is live: promoted last, or configured, or shipped; or an error."""
    with store.read() as tx:
        path = live(tx, settings).path
    return open_policy(path, settings.policy.device)


def serving_policy(store: Store, settings: Settings, clock: Clock, metrics: Metrics) -> LivePolicy:
    """The same, but a daemon that cannot serve it goes on with the next tier, and says so.

    A monitor that labels less well sees a crisis; one that does not start sees nothing.
    """
    return LivePolicy(store, settings, clock, metrics.policy_unopened.inc, _say_who_serves)


def _say_who_serves(change: Change) -> None:
    known = {"checkpoint": change.to.checkpoint, "tier": change.to.tier}
    if change.better:
        log.warning("policy.restored", **known)
    else:
        log.error("policy.degraded", **known, reason=change.reason)


def sync_feeds(store: Store, settings: Settings, now: datetime) -> None:
    """Brings the store's list of feeds in line with the configuration."""
    configured = [
        NewFeed(
            url=entry.url,
            name=entry.name or feed_name(entry.url),
            origin=entry.origin or origin(entry.url),
            interval_s=entry.interval_s or settings.poll.interval_s,
        )
        for entry in settings.feeds
    ]
    with store.write() as tx:
        feeds.sync_configured(tx, configured, now)


def tick(context: Context, job: Job) -> bool:
    """One tick of a job; True where it did its work and there may be more.

    Expected errors are the job's own business. Anything that escapes it is a bug: logged with
    its trace, counted, and tried again next period.
    """
    metrics = context.metrics
    try:
        with metrics.job_seconds.labels(job=job.name).time():
            more = job.tick(context)
    except Exception as bug:
        if isinstance(bug, LearnError):  # an outcome of the child's, told in the log already
            log.debug("job.failed", job=job.name, reason=str(bug))
        else:
            log.exception("job.failed", job=job.name)
        metrics.job_errors.labels(job=job.name).inc()
        _note_failure(context, job, bug)
        return False
    with context.store.write() as tx:
        runs.succeeded(tx, job.name, context.clock())
    return more


def _note_failure(context: Context, job: Job, bug: Exception) -> None:
    try:
        with context.store.write() as tx:
            runs.failed(tx, job.name, f"{type(bug).__name__}: {bug}"[:500], context.clock())
    except Exception:
        log.exception("job.failure_not_recorded", job=job.name)


def run(settings: Settings) -> None:
    """Runs until SIGINT or SIGTERM; a job under way is finished first."""
    stopping = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopping.set())
    listener = listen(settings.web.host, settings.web.port)
    with listener, open_context(settings, serve=True, stopping=stopping) as context:
        sync_feeds(context.store, settings, context.clock())
        pulse, supervisor = Pulse(), supervisor_of(os.environ)
        scheduler = schedule(partial(drain, context, pulse=pulse), context.clock())
        with serving(context, listener, alive=pulse.standing_still):
            log.info(
                "daemon.started", page=settings.web.public_url, feeds=len(settings.feeds),
                checkpoint=context.policy.checkpoint, tier=context.policy.tier,
            )  # fmt: skip
            scheduler.start()
            supervisor.ready()
            while not stopping.wait(supervisor.wait_s(_WATCH_S)):
                catch_up(scheduler, context)
                supervisor.judge(pulse.standing_still())
            supervisor.ending()
            scheduler.shutdown(wait=True)
    log.info("daemon.stopped")


def drain(context: Context, job: Job, pulse: Pulse) -> None:
    """Ticks until there is nothing left; each that ends is a beat, even where the store is away."""
    more = True
    while more and not context.stopping.is_set():
        try:
            more = tick(context, job)
        finally:
            pulse.beat(job.name)


@contextmanager
def serving(
    context: Context,
    listener: socket.socket,
    banner: str = "",
    alive: Callable[[], str] = lambda: "",
) -> Iterator[None]:
    """Serves page, metrics and health on a bound socket while the block runs."""
    app = create_app(
        context.store,
        context.settings,
        context.metrics.registry,
        context.clock,
        refresh=lambda: refresh_gauges(context),
        ready=lambda: not_ready(context),
        alive=alive,
        banner=banner,
        rng=context.rng,
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    # In a thread of its own: in the main one uvicorn would take the signals for itself.
    thread = threading.Thread(target=server.run, args=([listener],), name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def listen(host: str, port: int) -> socket.socket:
    """Binds before anything else starts. Raises ConfigError where the port is taken."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise ConfigError(
            f"web.host {host}, web.port {port}: cannot listen: {error.strerror}; "
            "choose another port or stop what uses it"
        ) from error
    return listener
