"""kill -9 anywhere in a round: nothing is lost, nothing goes live twice, the next round goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from learning_desk import FAMILIAR, Desk, differing, moods_of, stream, write_worse

from monitor.clock import wall_clock
from monitor.config import Settings
from monitor.learning.bench import Bench
from monitor.learning.process import COMMAND
from monitor.store import learn_lease, learning, trials, verdicts
from monitor.store.engine import Store, open_store
from monitor.store.learning import KnownCheckpoint
from monitor.store.trials import Opening, Trial
from policy.checkpoint import verify
from policy.data import Example
from policy.manifest import describe

ROOT = Path(__file__).resolve().parents[3]
SECTIONS = {"store", "policy", "learn", "log"}


class Rounds:
    """Rounds as the daemon starts them, each in a process of its own."""

    def __init__(self, folder: Path, champion: Path) -> None:
        self.settings = Settings.model_validate(
            {
                "store": {"url": f"sqlite:///{folder / 'store.db'}"},
                "policy": {"checkpoint": str(champion), "device": "cpu"},
                "learn": {"folder": str(folder / "policies")},
            }
        )
        folder.mkdir()
        self.folder = folder / "policies"
        self.store: Store = open_store(self.settings.store.url)

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            text=True,
        )
        assert process.stdin
        told = self.settings.model_dump(mode="json", include=SECTIONS)
        with process.stdin as pipe:
            json.dump({"holder": "the daemon of a test", "settings": told}, pipe)
        process.stdin = None  # told; `communicate` would write to it again
        return process

    def killed_when(self, reached: Callable[[], bool]) -> None:
        """A round that dies as soon as it has come so far, or a moment after it has ended."""
        process, pause = self.start(), threading.Event()
        end = wall_clock() + timedelta(seconds=120)
        while not reached() and process.poll() is None:
            assert wall_clock() < end, "waited in vain"
            pause.wait(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def whole(self) -> dict[str, Any]:
        process = self.start()
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
        return dict(json.loads(said.splitlines()[-1]))

    def has(self, pattern: str) -> Callable[[], bool]:
        return lambda: any(self.folder.glob(pattern))

    def said(self, name: str, rows: list[Example] | None = None) -> None:
        """Verdicts enough for a training to be due; or blind ones on `rows`."""
        desk, now = Desk(), wall_clock()
        begin = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
        if rows is None:
            champion = Bench(self.store, self.settings).untaught().policy
            given = desk.verdicts(stream(400, 20), champion, begin, name)
        else:
            given = desk.blind(rows, begin, name)
        with self.store.write() as tx:
            verdicts.add(tx, given, now)

    def on_trial(self, path: Path, against: str) -> str:
        """A candidate that somebody has trained; returns its id."""
        now, id_ = wall_clock(), describe(path).id
        with self.store.write() as tx:
            learning.add_checkpoint(tx, KnownCheckpoint(id_, str(path), against, "", {}, now))
            trials.begin(tx, Opening("promotion", id_, against, 1, 0, 0, now, {}))
        return id_

    def trials(self) -> list[Trial]:
        with self.store.read() as tx:
            return trials.latest(tx, 10)

    def promoted(self) -> int:
        with self.store.read() as tx:
            return len(learning.promotions(tx))


@pytest.mark.timeout(900)
def test_a_training_killed_at_every_stage_ends_as_if_it_had_not_been(
    half_taught: Path, tmp_path: Path
) -> None:
    left_alone = Rounds(tmp_path / "calm", half_taught)
    left_alone.said("v")
    wanted = left_alone.whole()
    left_alone.store.close()

    rounds = Rounds(tmp_path / "killed", half_taught)
    rounds.said("v")
    stages = ("training.json", "training/.resume/*", "training/manifest.json", "*/card.md")
    for stage in stages:
        rounds.killed_when(rounds.has(stage))
    rounds.killed_when(lambda: bool(rounds.trials()))
    answer = rounds.whole()

    assert (answer["state"], answer["candidate"]) == (wanted["state"], wanted["candidate"])
    assert [one.challenger for one in rounds.trials()] == [wanted["candidate"]]
    verify(rounds.folder / wanted["candidate"])
    left = {each.name for each in rounds.folder.iterdir()}
    assert left == {wanted["candidate"], "events"}, "nothing half done is left"

    rounds.store.close()


@pytest.mark.timeout(600)
def test_a_round_killed_about_a_promotion_makes_one_promotion(
    half_taught: Path, tmp_path: Path
) -> None:
    worse = write_worse(half_taught, tmp_path / "worse")
    rounds = Rounds(tmp_path / "killed", tmp_path / "worse")
    better = rounds.on_trial(half_taught, against=worse)
    bench = Bench(rounds.store, rounds.settings)
    sides = bench.of(worse).policy, bench.of(better).policy
    rounds.said("judged", differing(moods_of(200, 70, FAMILIAR), *sides)[:80])

    rounds.killed_when(lambda: _held(rounds.store))
    rounds.killed_when(lambda: rounds.promoted() > 0)
    answer = rounds.whole()
    assert answer["live"] == better
    assert rounds.promoted() == 1
    states = {one.kind: one.state for one in rounds.trials()}
    assert states == {"promotion": "promoted", "probation": "shadow"}
    rounds.store.close()


def _held(store: Store) -> bool:
    with store.read() as tx:
        return learn_lease.read(tx).claimed_until > wall_clock()
