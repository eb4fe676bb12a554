"""systemd is told that we serve, and that the jobs go on only while they do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.pulse import PATIENCE_S, Pulse
from monitor.supervisor import Supervisor, supervisor_of


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Manager:
    """The other end: a datagram socket, as systemd binds it."""

    def __init__(self, address: str, bound: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(bound)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    if request.param == "path":
        manager = Manager(str(tmp_path / "notify"), str(tmp_path / "notify"))
    else:
        name = f"downdraft-{tmp_path.name}"
        manager = Manager(f"@{name}", f"\0{name}")
    yield manager
    manager.close()


def watching(manager: Manager) -> Supervisor:
    return supervisor_of({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "60000000"})


def test_it_is_told_when_we_serve_and_when_we_end(manager: Manager) -> None:
    supervisor = watching(manager)
    supervisor.ready()
    supervisor.ending()
    assert manager.heard() == ["READY=1", "STOPPING=1"]


def test_the_watchdog_is_fed_while_jobs_go_on_and_starves_while_one_hangs(
    manager: Manager,
) -> None:
    now = Stopwatch()
    pulse, supervisor = Pulse(now), watching(manager)
    now.seconds = PATIENCE_S["label"] + 1
    for job in ("poll", "detect", "deliver", "prune"):
        pulse.beat(job)
    supervisor.judge(pulse.standing_still())
    (told,) = manager.heard()
    assert told == "STATUS=stands still: label has ended no batch for 601 s"
    pulse.beat("label")
    supervisor.judge(pulse.standing_still())
    assert manager.heard() == ["WATCHDOG=1"]


@pytest.mark.parametrize("job", PATIENCE_S)
def test_every_job_of_the_pipeline_is_waited_for_and_no_longer_than_its_patience(job: str) -> None:
    now = Stopwatch()
    pulse = Pulse(now)
    now.seconds = PATIENCE_S[job]
    others = PATIENCE_S.keys() - {job}
    for other in others:
        pulse.beat(other)
    assert pulse.standing_still() == ""
    now.seconds += 1
    assert pulse.standing_still().startswith(f"{job} has ended no batch")


def test_learning_may_take_as_long_as_it_takes() -> None:
    now = Stopwatch()
    pulse = Pulse(now)
    now.seconds = 10_000.0
    for job in PATIENCE_S:
        pulse.beat(job)
    assert pulse.standing_still() == ""


def test_the_jobs_are_looked_at_twice_in_the_time_that_the_watchdog_waits() -> None:
    assert supervisor_of({"WATCHDOG_USEC": "20000000"}).wait_s(30) == 10
    assert supervisor_of({"WATCHDOG_USEC": "600000000"}).wait_s(30) == 30
    assert supervisor_of({}).wait_s(30) == 30


def test_without_a_watchdog_only_the_start_is_told(manager: Manager) -> None:
    supervisor = supervisor_of({"NOTIFY_SOCKET": manager.address})
    supervisor.ready()
    supervisor.judge("")
    assert manager.heard() == ["READY=1"]


def test_a_watchdog_of_another_process_is_not_ours(manager: Manager) -> None:
    given = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "7"}
    assert supervisor_of(given, pid=8).watchdog_s == 0
    assert supervisor_of(given, pid=7).watchdog_s == 1


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/at/all"])
def test_nobody_who_listens_is_no_reason_to_fail(address: str) -> None:
    supervisor = supervisor_of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    supervisor.ready()
    supervisor.judge("")
    supervisor.ending()
