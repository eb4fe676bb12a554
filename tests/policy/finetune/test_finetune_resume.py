"""Learning that is killed: started again it ends like a run that nobody disturbed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from policy.data import Example
from policy.finetune.run import Learned
from policy.trainer import Progress
from policy.verdicts import Verdict

Maker = Callable[..., list[Example]]
Learn = Callable[..., Learned]

_PLAN = {"save_every": 4, "leash": 0.04}


class Killed(Exception):
    pass


def killer(at: int) -> Callable[[Progress], None]:
    def progress(now: Progress) -> None:
        if now.step == at:
            raise Killed

    return progress


def test_a_run_that_is_stopped_after_any_step_goes_on_and_ends_the_same(
    learn: Learn, said: list[Verdict], make_headlines: Maker
) -> None:
    some, anchors = said[:120], make_headlines(60, 7)
    whole = learn(some, "whole", anchors, **_PLAN)
    steps = whole.metrics["steps"]
    for at in range(1, steps + 1, 5):
        with pytest.raises(Killed):
            learn(some, f"killed at {at}", anchors, progress=killer(at), **_PLAN)
        steps_taken: list[Progress] = []
        again = learn(some, f"killed at {at}", anchors, progress=steps_taken.append, **_PLAN)
        assert again.checkpoint.id == whole.checkpoint.id
        assert again.curve == whole.curve
        assert again.metrics == whole.metrics
        assert not steps_taken or steps_taken[0].step > at - _PLAN["save_every"]


def test_a_process_that_is_killed_and_started_again_leaves_the_same_checkpoint(
    learn: Learn, novice: Path, said: list[Verdict], tmp_path: Path
) -> None:
    whole = learn(said[:120], "whole", **_PLAN)
    script = tmp_path / "learn.py"
    script.write_text(_SCRIPT)
    rows = [asdict(each) | {"at": each.at.isoformat()} for each in said[:120]]
    (tmp_path / "verdicts.json").write_text(json.dumps(rows))
    folder = Path(__file__).parent
    for at in (9, 0):
        done = subprocess.run(
            [sys.executable, str(script), str(novice), str(tmp_path), str(at)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
            check=False,
        )
        assert done.returncode == (-signal.SIGKILL if at else 0)
    found = (tmp_path / "killed" / "manifest.json").read_text()
    assert found == (whole.path / "manifest.json").read_text()


_SCRIPT = """
import json, os, signal, sys
from datetime import datetime
from pathlib import Path
import torch
from finetune_desk import NOW
from policy.finetune.run import FinetuneSettings, finetune
from policy.verdicts import Verdict

torch.set_num_threads(1)
novice, folder, at = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])

def progress(now):
    if now.step == at:
        os.kill(os.getpid(), signal.SIGKILL)

settings = FinetuneSettings(
    batch=16, adapter_rate=2e-3, heads_rate=1e-2, save_every=4, leash=0.04
)
rows = json.loads((folder / "verdicts.json").read_text())
verdicts = [Verdict(**row | {"at": datetime.fromisoformat(row["at"])}) for row in rows]
finetune(settings, novice, verdicts, [], [], folder / "killed", "cpu", NOW, progress)
"""


def test_other_verdicts_do_not_take_up_the_state(learn: Learn, said: list[Verdict]) -> None:
    with pytest.raises(Killed):
        learn(said[:120], progress=killer(9), **_PLAN)
    taken: list[int] = []
    learn(said[:121], progress=lambda now: taken.append(now.step), **_PLAN)
    assert taken[0] == 1


def test_a_state_with_a_torn_end_starts_from_the_beginning(
    learn: Learn, said: list[Verdict], tmp_path: Path
) -> None:
    whole = learn(said[:120], "whole", **_PLAN)
    with pytest.raises(Killed):
        learn(said[:120], progress=killer(9), **_PLAN)
    (state,) = (tmp_path / "candidate" / ".resume").glob("step-*.safetensors")
    state.write_bytes(state.read_bytes()[:500])
    assert learn(said[:120], **_PLAN).checkpoint.id == whole.checkpoint.id


def test_the_deadline_ends_learning_with_the_best_so_far(learn: Learn, said: list[Verdict]) -> None:
    taken: list[int] = []
    learned = learn(said, progress=lambda now: taken.append(now.step), deadline_s=1e-9)
    assert taken == [1]
    assert learned.metrics["epochs"] == 1
    assert learned.path.is_dir()
