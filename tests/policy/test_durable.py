"""A directory is replaced whole or not at all: a child is killed at every step of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policy.durable import replacing

# The child writes a new directory over an old one and kills itself at the n-th call that touches
# a name or syncs: `sys.addaudithook` hears of opening, renaming and removing.
CHILD = """
import os, signal, sys
from pathlib import Path
from policy.durable import replacing
left, path = int(sys.argv[1]), Path(sys.argv[2])
def hook(event, args):
    global left
    if event in ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "ctypes.call_function"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
with replacing(path) as draft:
    for name in ("a", "b"):
        (draft / name).write_text("new")
print("done")
"""


def contents(path: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in path.iterdir()}


@pytest.mark.parametrize("old", [True, False])
def test_a_kill_anywhere_leaves_the_old_or_the_new(tmp_path: Path, old: bool) -> None:
    path, seen, finished = tmp_path / "here", set(), False
    for step in range(1, 200, 2):
        if old:
            with replacing(path) as draft:
                for name in ("a", "b", "c"):
                    (draft / name).write_text("old")
        child = [sys.executable, "-c", CHILD, str(step), str(path)]
        finished = subprocess.run(child, capture_output=True, cwd=Path.cwd()).returncode == 0
        found = contents(path) if path.exists() else {}
        whole = [dict.fromkeys("ab", "new"), dict.fromkeys("abc", "old") if old else {}]
        assert found in whole
        seen.add(str(found))
        if finished:
            break
    assert finished
    assert len(seen) == 2


def test_an_error_inside_leaves_what_was_there_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "here"
    with replacing(path) as draft:
        (draft / "a").write_text("old")
    with pytest.raises(FileNotFoundError), replacing(path) as draft:
        (draft / "nowhere" / "a").write_text("half")
    assert contents(path) == {"a": "old"}
    assert os.listdir(tmp_path) == ["here"]


def test_a_link_to_a_directory_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "current"
    real.mkdir()
    link.symlink_to(real)
    with replacing(link) as draft:
        (draft / "a").write_text("new")
    assert link.is_symlink()
    assert contents(real) == {"a": "new"}
