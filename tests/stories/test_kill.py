"""kill -9: the daemon dies at any moment and is started again; nothing is lost or said anew."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.catcher import HookCatcher, MailCatcher
from monitor.clock import wall_clock
from monitor.demo import VirtualClock
from monitor.store.engine import Store, open_store
from monitor.store.tables import alert, article, delivery, feed, label

BATCHES = 6  # the daemon is killed in all but the last


@pytest.fixture
def clock() -> VirtualClock:
    """Two days ago: the world is brought up to the present before the daemon starts."""
    return VirtualClock(wall_clock() - timedelta(hours=48, minutes=5))


def crisis_titles(batch: int) -> list[str]:
    """Four bad headlines about the watched company, its sums all different."""
    frames = [
        "Regulator opens fraud probe into Halvorsen Marine over {} mln loss",
        "Halvorsen Marine sued for {} mln as losses widen",
        "Police raid Halvorsen Marine in fraud investigation over {} mln",
        "Court fines Halvorsen Marine {} mln for safety breach",
    ]
    return [frame.format(17 * (4 * batch + i) + 3) for i, frame in enumerate(frames)]


def config_file(folder: Path, newsstand: Any, hooks: HookCatcher, mails: MailCatcher) -> Path:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "secret").write_text("whsec_" + "c3Rvcmllcy1mb3ItdGVzdHMtb25seS0xMjM0")
    path = folder / "downdraft.toml"
    path.write_text(
        f"""
[store]
url = "sqlite:///{folder / "world.db"}"
[web]
port = {port}
[poll]
interval_s = 10
allow_private = true
[detect]
alarms_per_week = 20.0
topics = ["Legal | Regulation"]
[log]
format = "json"
[[watch]]
name = "Halvorsen Marine"
[[feeds]]
url = "{newsstand.url}/tidewater"
name = "tidewater"
origin = "tidewater"
[[feeds]]
url = "{newsstand.url}/granary"
name = "granary"
origin = "granary"
[[receivers]]
kind = "webhook"
name = "hook"
url = "{hooks.url}"
secret_file = "{folder / "secret"}"
[[receivers]]
kind = "email"
name = "mail"
host = "127.0.0.1"
port = {mails.port}
security = "none"
sender = "a@x.example"
recipients = ["b@x.example"]
"""
    )
    return path


class Daemon:
    """`downdraft run` in a process of its own."""

    def __init__(self, config: Path, log: Path) -> None:
        self._command = [sys.executable, "-m", "monitor", "run", "--config", str(config)]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"}
            )

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)


@pytest.fixture
def daemon(tmp_path: Path, newsstand: Any, hooks: Any, mails: Any) -> Iterator[Daemon]:
    newsstand.titles = {"tidewater": [], "granary": []}
    one = Daemon(config_file(tmp_path, newsstand, hooks, mails), tmp_path / "log")
    yield one
    if one._process is not None and one._process.poll() is None:
        one._process.kill()
        one._process.wait()


def until(ready: Callable[[], bool], seconds: float = 90) -> None:
    """Waits, in short looks, for what another process is doing."""
    end = wall_clock() + timedelta(seconds=seconds)
    pause = threading.Event()
    while not ready():
        assert wall_clock() < end, "waited in vain"
        pause.wait(0.05)


def publish(newsstand: Any, batch: int) -> None:
    """Four more headlines in one paper, two of them in the other too."""
    newsstand.titles["tidewater"] += crisis_titles(batch)
    newsstand.titles["granary"] += crisis_titles(batch)[:2]


def let_time_pass(store: Store) -> None:
    """Feeds fall due and the leases of the dead run out: minutes that nobody wants to wait for."""
    past = datetime(1970, 1, 1, tzinfo=UTC)
    with store.write() as tx:
        tx.execute(feed.update().values(due_at=past))
        for table in (feed, article, delivery):
            tx.execute(table.update().values(claimed_until=past))


def progress(store: Store, batch: int, newsstand: Any) -> Callable[[], bool]:
    """Whether the daemon has written something new of the kind that this batch waits for."""
    column = [article.c.id, label.c.article_id, alert.c.id, delivery.c.id][batch % 4]
    before = count(store, sa.select(column))
    return lambda: count(store, sa.select(column)) > before or _settled(store, newsstand)


def count(store: Store, query: sa.Select[Any]) -> int:
    with store.read() as tx:
        return int(
            tx.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
        )


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nothing_is_announced_under_two_ids(
    daemon: Daemon,
    newsstand: Any,
    world: Any,
    seasoned: Any,
    clock: VirtualClock,
    hooks: HookCatcher,
    mails: MailCatcher,
    tmp_path: Path,
) -> None:
    with world() as context:
        seasoned(context)
    rng = random.Random(7)
    store = open_store(f"sqlite:///{tmp_path / 'world.db'}")
    for batch in range(BATCHES):
        publish(newsstand, batch)
        let_time_pass(store)
        daemon.start()
        if batch < BATCHES - 1:
            # Each life ends a little further on: in the poll, between jobs, in a delivery.
            until(progress(store, batch, newsstand))
            threading.Event().wait(rng.uniform(0, 0.4))
            daemon.kill()
    until(lambda: _settled(store, newsstand))
    assert daemon.stop() == 0
    _check(store, newsstand, hooks, mails)
    store.close()


def _settled(store: Store, newsstand: Any) -> bool:
    told = newsstand.guids()
    found = count(store, sa.select(article.c.id).where(article.c.guid.in_(told)))
    owed = count(store, sa.select(article.c.id).where(article.c.labelled_at.is_(None)))
    pending = count(store, sa.select(delivery.c.id).where(delivery.c.state == "pending"))
    raised = count(store, sa.select(alert.c.id))
    return found == len(told) and owed == 0 and pending == 0 and raised > 0


def _check(store: Store, newsstand: Any, hooks: HookCatcher, mails: MailCatcher) -> None:
    with store.read() as tx:
        guids = list(tx.execute(sa.select(article.c.guid)).scalars())
        unlabelled = tx.execute(
            sa.select(article.c.id).where(~article.c.id.in_(sa.select(label.c.article_id)))
        ).all()
        deliveries = tx.execute(sa.select(delivery)).all()
        parents = tx.execute(sa.select(alert.c.id).where(alert.c.parent.is_(None))).all()
    assert set(newsstand.guids()) <= set(guids), "no article is lost"
    assert max(Counter(guids).values()) == 1, "no article is stored twice"
    assert unlabelled == [], "no label is lost"
    assert len(parents) == 1, "one crisis, one parent alert, however often the daemon died"
    firing = [d for d in deliveries if d.announcement == "firing"]
    assert {d.receiver for d in firing} == {"hook", "mail"}
    assert all(d.state == "sent" for d in deliveries)
    ids = {d.id for d in deliveries}
    announced = {(h.delivery_id, h.type) for h in hooks.received}
    assert len({i for i, kind in announced if kind == "alert.firing"}) == 1, "one id, if repeated"
    assert {i for i, _ in announced} | {m.delivery_id for m in mails.received} == ids
