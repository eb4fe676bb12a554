"""A round in a child process: its answer, its errors in one line, its limits, its end."""

from __future__ import annotations

import os
import resource
import signal
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import wall_clock
from monitor.config import Settings
from monitor.daemon import open_context
from monitor.errors import LearnError
from monitor.jobs.learn import learn
from monitor.learning.process import run_child
from monitor.store import learn_lease, verdicts
from monitor.store.engine import Store
from policy.verdicts import Verdict


def settings_of(folder: Path, **learn_section: Any) -> Settings:
    return Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{folder / 'store.db'}"},
            "policy": {"device": "cpu"},
            "learn": {"folder": str(folder / "policies"), **learn_section},
            "log": {"level": "debug"},
        }
    )


def abstentions(count: int, now: datetime) -> list[Verdict]:
    """Verdicts that say nothing, of which nothing can be learned."""
    return [
        Verdict(
            f"v{n}", f"headline {n}", "", "topic", "Macro", 1.0, 1.0, "ada", "abstain", "", "",
            now - timedelta(days=2),
        )
        for n in range(count)
    ]  # fmt: skip


def test_a_child_answers_and_gives_its_lease_back(sqlite_store: Store, tmp_path: Path) -> None:
    answer = run_child(settings_of(tmp_path), "the daemon", threading.Event())
    assert (answer["state"], answer["verdicts"]) == ("idle", 0)
    with sqlite_store.read() as tx:
        lease = learn_lease.read(tx)
    assert lease.holder == "the daemon"
    assert lease.claimed_until < wall_clock()
    assert lease.ended_at is not None


def test_an_error_is_one_line(sqlite_store: Store, tmp_path: Path) -> None:
    now = wall_clock()
    with sqlite_store.write() as tx:
        learn_lease.take(tx, "somebody else", now, now + timedelta(hours=1))
    with pytest.raises(
        LearnError, match=r"another round of learning runs \(somebody else"
    ) as error:
        run_child(settings_of(tmp_path), "the daemon", threading.Event())
    assert "\n" not in str(error.value)


def test_a_child_without_memory_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.write() as tx:
        verdicts.add(tx, abstentions(300, wall_clock()), wall_clock())
    enough = 400_000 * 1024  # for the libraries, not for a policy beside them

    def limit(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_DATA, (enough, enough))

    with pytest.raises(LearnError, match=r"out of memory at learn\.memory_limit_mb = 8000"):
        run_child(settings_of(tmp_path), "the daemon", threading.Event(), limit)


def test_a_child_is_stopped_with_the_daemon_or_when_its_time_is_over(
    sqlite_store: Store, tmp_path: Path
) -> None:
    stopping = threading.Event()
    with pytest.raises(LearnError, match="the daemon stops"):
        run_child(settings_of(tmp_path), "a", stopping, lambda _: stopping.set())
    with pytest.raises(LearnError, match=r"needs more than learn.time_limit_s = 0.01 s"):
        run_child(settings_of(tmp_path, time_limit_s=0.01), "a", threading.Event())


def test_a_child_that_was_killed_is_told_from_one_that_failed(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with pytest.raises(LearnError, match=r"killed \(signal 9\): by hand"):
        run_child(
            settings_of(tmp_path), "a", threading.Event(), lambda pid: os.kill(pid, signal.SIGKILL)
        )


def test_the_job_waits_after_a_failure_and_after_verdicts_that_teach_nothing(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with sqlite_store.write() as tx:
        verdicts.add(tx, abstentions(300, wall_clock()), wall_clock())
    with open_context(settings_of(tmp_path)) as context:
        assert learn(context) is False
        with sqlite_store.read() as tx:
            lease = learn_lease.read(tx)
        assert lease.retry_at > wall_clock() + timedelta(minutes=50)
        assert lease.failures == 0
        assert list((tmp_path / "policies").iterdir()) == [], "nothing half done is left"
