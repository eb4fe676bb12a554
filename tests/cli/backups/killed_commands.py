"""Runs a command again and again, each time in a copy of a folder, and kills it a step later.

    python killed_commands.py FOLDER WORDS…

A step is whatever the interpreter reports of files: opened, renamed, linked, removed, made, a
database connected. The copies lie beside FOLDER: FOLDER.1 was killed at its first step, and so on;
in the last one the command came to its end.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

STEPS = (
    "open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown",
    "shutil.rmtree", "sqlite3.connect", "fcntl.flock",
)  # fmt: skip


def die_at(step: int) -> None:
    left = step

    def watch(event: str, given: tuple[object, ...]) -> None:
        nonlocal left
        # Of what is opened, only what may be written: Python reads its own files as it likes.
        if event not in STEPS or (event == "open" and not _writes(given)):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def _writes(given: tuple[object, ...]) -> bool:
    mode, flags = given[1], given[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def main(folder: Path, words: list[str]) -> None:
    from monitor.backup import making, restoring  # noqa: F401  (once, before the forks)
    from monitor.cli import main as downdraft

    sys.argv = ["downdraft", *words]
    for step in range(1, 1_000):
        copy = folder.with_name(f"{folder.name}.{step}")
        shutil.copytree(folder, copy)
        child = os.fork()
        if child == 0:
            os.chdir(copy)
            die_at(step)
            downdraft()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0, f"step {step}: {status}"
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
