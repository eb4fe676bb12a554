"""kill -9 about each commit of the approval that makes a candidate live: it goes live once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from passed_candidate import CANDIDATE, CHAMPION, ENOUGH, a_round, put_on_trial, say

from monitor.learning import approving
from monitor.learning.round import run
from monitor.learning.setting import Round
from monitor.store import learning, trials, votes
from monitor.store.engine import Store, open_store

ROOT = Path(__file__).resolve().parents[3]
# Dies before the first commit of a transaction that has written to the table named, or, where that
# is "released", before the first one after the promotion.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine

at, written, before = sys.argv.pop(1), set(), set()

@event.listens_for(Engine, "before_cursor_execute")
def note(connection, cursor, statement, *rest):
    words = statement.split()
    if words[0] in ("INSERT", "UPDATE"):
        written.add(words[2] if words[0] == "INSERT" else words[1])

@event.listens_for(Engine, "commit")
def about_to(connection):
    if at in written or (at == "released" and "promotion" in before):
        os.kill(os.getpid(), signal.SIGKILL)
    before.update(written)
    written.clear()

from monitor.cli import main
main()
"""


@pytest.mark.timeout(300)
def test_an_approval_killed_about_any_commit_makes_one_promotion(
    tmp_path: Path, noon: datetime
) -> None:
    with closing(open_store(url(tmp_path / "whole.db"))) as store:
        put_on_trial(store, noon)
        say(store, noon, CANDIDATE, slice(0, ENOUGH))
        this = a_round(store, tmp_path, noon, approvals=2)  # its policies are opened once
        run(this, "a test")
        approve(store, "ada", noon)
    found = []
    for at in ("vote", "promotion", "released"):
        killed = tmp_path / f"{at}.db"
        shutil.copy(tmp_path / "whole.db", killed)
        assert approved_until(killed, at) == -signal.SIGKILL
        with closing(open_store(url(killed))) as store:
            found.append(gone_on_with(replace(this, store=store)))
    assert found == [("waiting", 1, 0), ("waiting", 2, 0), ("promoted", 2, 1)]


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def approve(store: Store, name: str, now: datetime) -> None:
    with store.write() as tx:
        trial = approving.on_trial(tx, CANDIDATE)
        assert trial is not None
        approving.approve(tx, trial, name, "read the card", "api", now)


def approved_until(file: Path, at: str) -> int:
    """The exit status of the last approval that is needed, killed `at` one of its commits."""
    words = ("policy", "approve", CANDIDATE, "--reason", "read the card")
    told = {
        "DOWNDRAFT_STORE__URL": url(file),
        "DOWNDRAFT_LEARN__APPROVALS": "2",
        "DOWNDRAFT_POLICY__DEVICE": "cpu",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.run(
        [sys.executable, "-c", KILLED, at, *words],
        cwd=file.parent, env={**os.environ, **told}, capture_output=True, check=False,
    )  # fmt: skip
    return process.returncode


def gone_on_with(this: Round) -> tuple[str, int, int]:
    """State, voices and promotions as they were left. Whoever says it again, or else the next
    round, brings it to its end."""
    with this.store.read() as tx:
        trial, before = trials.newest(tx, "promotion"), learning.promotions(tx)
        assert trial is not None
        voices = len(votes.of(tx, trial.number))
    if voices < 2:
        approve(this.store, "ben", this.clock())
    for _ in range(2):
        answer = run(this, "a test")
    assert answer.live == CANDIDATE
    with this.store.read() as tx:
        (row,) = learning.promotions(tx)
    assert row.before == CHAMPION
    assert row.by.startswith("gate, approved by ada, ")
    return trial.state, voices, len(before)
