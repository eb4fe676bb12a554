"""Standard output that takes no more: a full disk is told in one line, a reader who left is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="needs a disk that is always full")


def downdraft(home: Path, into: Path, unbuffered: bool, *words: str) -> tuple[int, str]:
    """Exit status and standard error of a command whose answer goes `into` a file."""
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "TMPDIR": str(home)}
    command = [sys.executable, *(["-u"] if unbuffered else []), "-m", "monitor", *words]
    with into.open("wb") as out:
        done = subprocess.run(
            command, cwd=home, env=environment, stdout=out, stderr=subprocess.PIPE, timeout=240
        )
    return done.returncode, done.stderr.decode()


@full
@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("words", [("check", "--json"), ("--help",)])
def test_an_answer_that_the_disk_has_no_room_for_exits_3_by_one_line(
    tmp_path: Path, words: tuple[str, ...], unbuffered: bool
) -> None:
    code, said = downdraft(tmp_path, FULL, unbuffered, *words)
    line = "downdraft: output cannot be written: No space left on device; make room for it\n"
    assert (code, said) == (3, line)
    assert not list(tmp_path.iterdir())  # no report of a bug


@full
def test_what_was_wrong_before_the_answer_is_still_said(tmp_path: Path) -> None:
    code, said = downdraft(tmp_path, FULL, False, "status", "--config", "nope.toml")
    assert code == 2
    assert "nope.toml: no such file" in said


def test_a_reader_who_left_is_told_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor", "check", "--json"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(timeout=240) == 0
