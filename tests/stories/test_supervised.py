"""A daemon under systemd: it says when it serves, goes on saying so, and says that it ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from monitor.context import Context
from monitor.daemon import drain
from monitor.jobs import Job
from monitor.pulse import Pulse


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        bound.settimeout(90)
        yield bound


def test_the_daemon_tells_systemd_how_it_is(tmp_path: Path, manager: socket.socket) -> None:
    port = free_port()
    config = tmp_path / "downdraft.toml"
    config.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/store.db"\n[web]\nport = {port}\n')
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    with (tmp_path / "log").open("wb") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run", "--config", str(config)],
            stdout=log, stderr=log, env={**os.environ, **told, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    try:
        assert manager.recv(4096) == b"READY=1", (tmp_path / "log").read_text()[-2000:]
        assert httpx2.get(f"http://127.0.0.1:{port}/healthz", timeout=30).text == "ok\n"
        assert manager.recv(4096) == b"WATCHDOG=1"
        daemon.terminate()
        while (word := manager.recv(4096)) == b"WATCHDOG=1":
            pass
        assert word == b"STOPPING=1"
        assert daemon.wait(60) == 0
    finally:
        daemon.kill()
        daemon.wait()


def never_ends_well(_context: Context) -> bool:
    raise RuntimeError("a bug")


@pytest.mark.parametrize("work", [lambda _context: False, never_ends_well])
def test_a_tick_that_ends_is_a_beat_well_or_not(world: Any, papers: Any, work: Any) -> None:
    seconds = [0.0]
    pulse = Pulse(lambda: seconds[0])
    seconds[0] = 10_000
    with world() as context:
        assert "label" in pulse.standing_still()
        drain(context, Job("label", work, 2), pulse)
    assert "label" not in pulse.standing_still()
    assert "detect" in pulse.standing_still()


def test_a_job_whose_store_is_away_does_not_hang(world: Any, papers: Any) -> None:
    seconds = [0.0]
    pulse = Pulse(lambda: seconds[0])
    seconds[0] = 10_000
    with world() as context:
        with context.store.write() as tx:
            tx.exec_driver_sql("drop table job")
        with pytest.raises(Exception, match="no such table"):
            drain(context, Job("label", lambda _context: False, 2), pulse)
    assert "label" not in pulse.standing_still()
