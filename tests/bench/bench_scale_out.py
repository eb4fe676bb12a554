"""Articles labelled a second by one process and by two on one PostgreSQL, each on its own core.

    python tests/bench/bench_scale_out.py [ROUNDS]

The ideal ratio is 2, and the database wants its part of the same cores. What the machine itself
gives to two processes is measured beside it: the same headlines, the same policy and no store. Each
round measures all four, one after the other. On a busy machine two processes are given hardly more
time than one: there the ratio by processor time says what two cores of their own would give, but
for the time that one labeller waits for the other or for the database, which uses none.

Needs Debian's postgresql, or a server's URL in DOWNDRAFT_TEST_POSTGRES_URL.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from runpy import run_path

import sqlalchemy as sa
from invented import headlines

from monitor.clock import wall_clock
from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context
from monitor.jobs.label import label as label_job
from monitor.store import feeds
from monitor.store.engine import Store, open_store
from monitor.store.feeds import NewFeed
from monitor.store.tables import NEVER, article, label, story

BATCH = 256  # the daemon's usual one
COUNT = 16 * BATCH


def labeller(pipe: Connection, url: str, core: int) -> None:
    """Labels what the store owes, or the headlines that it is sent; says from when until when, and
    how many seconds of its processor that took."""
    os.sched_setaffinity(0, {core})
    settings = Settings.model_validate(
        {"store": {"url": url}, "policy": {"device": "cpu", "batch": BATCH}}
    )
    with open_context(settings) as context:
        context.policy.label(headlines(BATCH))
        pipe.send("ready")
        while (texts := pipe.recv()) is not None:
            begin, used = time.perf_counter(), time.process_time()
            _label(context, texts)
            pipe.send((begin, time.perf_counter(), time.process_time() - used))


def _label(context: Context, texts: Sequence[str]) -> None:
    if not texts:
        while label_job(context):
            pass
    for first in range(0, len(texts), BATCH):
        context.policy.label(texts[first : first + BATCH])


@dataclass(frozen=True)
class Rate:
    """Headlines a second: of labellers that begin at once, to the end of the last; and of a second
    of their processors."""

    passed: float
    used: float


def rate(pipes: Sequence[Connection], parts: Sequence[Sequence[str]]) -> Rate:
    for pipe, texts in zip(pipes, parts, strict=True):
        pipe.send(texts)
    begins, ends, used = zip(*(pipe.recv() for pipe in pipes), strict=True)
    return Rate(COUNT / (max(ends) - min(begins)), COUNT / sum(used))


def bare(pipes: Sequence[Connection]) -> Rate:
    return rate(pipes, [headlines(COUNT)[each :: len(pipes)] for each in range(len(pipes))])


def stored(pipes: Sequence[Connection], store: Store) -> Rate:
    with store.write() as tx:
        tx.execute(label.delete())
        tx.execute(article.update().values(labelled_at=None, claimed_until=NEVER))
    found = rate(pipes, [()] * len(pipes))
    with store.read() as tx:
        done = tx.execute(sa.select(sa.func.count()).select_from(label)).scalar_one()
    assert done == COUNT, f"{done} labels: each headline is to be labelled once"
    return found


def told(what: str, one: Rate, two: Rate) -> tuple[float, float]:
    """Prints what was found; returns the two ratios whose ideal is 2."""
    passed, used = two.passed / one.passed, 2 * two.used / one.used
    print(
        f"{what:9} {one.passed:6,.0f} a second by one, {two.passed:6,.0f} by two: {passed:.2f}; "
        f"by processor time {used:.2f}",
        flush=True,
    )
    return passed, used


def fill(store: Store) -> None:
    """A backlog in which every headline is a story of its own."""
    now = wall_clock()
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://t.example", "t", "t", 300), "added", now)
        rows = list(enumerate(headlines(COUNT), 1))
        told = [{"id": n, "title": text, "first_seen_at": now} for n, text in rows]
        tx.execute(story.insert(), told)
        usual = {
            "feed_id": 1, "url": "", "summary": "", "published_raw": "", "first_seen_at": now,
            "language": "", "origin": "t", "claimed_until": NEVER,
        }  # fmt: skip
        copies = [
            usual | {"guid": str(n), "guid_hash": str(n), "title": text, "story_id": n}
            for n, text in rows
        ]
        tx.execute(article.insert(), copies)


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty one, on the server that the environment names or on one of its own."""
    tests = run_path(str(Path(__file__).parents[1] / "conftest.py"))
    if given := os.environ.get("DOWNDRAFT_TEST_POSTGRES_URL"):
        yield tests["fresh_database"](given, "scale-out")
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))[-1].parent
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp())
    control = tests["start_server"](programs, folder, port)
    try:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        yield tests["fresh_database"](url, "scale-out")
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def labellers(url: str) -> Iterator[list[Connection]]:
    """Two, ready and idle."""
    os.environ["OMP_NUM_THREADS"] = "1"
    spawn, pipes = multiprocessing.get_context("spawn"), []
    for core in sorted(os.sched_getaffinity(0))[:2]:
        ours, theirs = spawn.Pipe()
        spawn.Process(target=labeller, args=(theirs, url, core), daemon=True).start()
        pipes.append(ours)
    for pipe in pipes:
        pipe.recv()
    yield pipes
    for pipe in pipes:
        pipe.send(None)


def main(rounds: int) -> None:
    print(f"{COUNT:,} headlines, load {os.getloadavg()[0]:.1f} before we begin", flush=True)
    found = []
    with database() as url, closing(open_store(url)) as store:
        fill(store)
        with labellers(url) as pipes:
            for _ in range(rounds):
                ours = told("one store", stored(pipes[:1], store), stored(pipes, store))
                found.append(ours + told("no store", bare(pipes[:1]), bare(pipes)))
    passed, used, machine, cores = (statistics.median(each) for each in zip(*found, strict=True))
    print(
        f"medians, of 2: on one store {passed:.2f}, by processor time {used:.2f}; "
        f"the machine itself {machine:.2f} and {cores:.2f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
