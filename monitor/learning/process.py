"""A round at arm's length: a child process that may be killed, with limits on memory and time.

Training swells and takes minutes; the daemon must neither grow nor wait. The child is told the
configuration on standard input (never in arguments, which others can read), speaks JSON lines on
standard error, which join our log, and its answer is the last thing on standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import structlog

from monitor.config import Settings
from monitor.errors import LearnError

log = structlog.get_logger()

NO_MEMORY = (  # what libraries say of it, in errors of several kinds or as their last words
    "allocate memory", "out of memory", "bad_alloc", "failed to map segment",
    "Thread creation failed",
)  # fmt: skip
COMMAND = (sys.executable, "-m", "monitor.learning.child")
_SECTIONS = {"store", "learn", "policy", "detect", "review", "watch", "log"}  # without secrets' own
_LOOK_S = 0.2
_GRACE_S = 10.0  # between asking a child to stop and killing it


def run_child(
    settings: Settings,
    holder: str,
    stopping: threading.Event,
    started: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """The round's answer. `started` is told the process id.

    Raises LearnError where the child ended otherwise than by answering: stopped with the daemon,
    out of time, out of memory, killed. What it had trained is gone on with by the next round.
    """
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        start_new_session=True,  # Ctrl-C in the terminal is the daemon's to handle
        text=True,
        encoding="utf-8",
    )
    started(process.pid)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    said: list[str] = []
    last_words: list[str] = []
    readers = [
        _reader(process.stdout, said.append),
        _reader(process.stderr, lambda line: _log_line(line, last_words)),
    ]
    _tell(process.stdin, settings, holder)
    why = _wait(process, settings.learn.time_limit_s, stopping)
    for reader in readers:
        reader.join()
    process.stdout.close()
    process.stderr.close()
    died = _died(last_words, settings.learn.memory_limit_mb) or _ended(process.returncode)
    return _answer(said, why, died)


def _environment() -> dict[str, str]:
    """Ours, without what configures us: that is told, and may hold secrets of others."""
    kept = {name: value for name, value in os.environ.items() if "DOWNDRAFT" not in name}
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _tell(pipe: IO[str], settings: Settings, holder: str) -> None:
    given = settings.model_dump(mode="json", include=_SECTIONS)
    try:
        with pipe:
            json.dump({"holder": holder, "settings": given}, pipe)
    except BrokenPipeError:
        log.debug("learn.child_deaf")  # it died before it was told: its end says why


def _reader(pipe: IO[str], take: Callable[[str], object]) -> threading.Thread:
    def read() -> None:
        for line in pipe:
            take(line.rstrip("\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _log_line(line: str, last_words: list[str]) -> None:
    """An event of the child's as one of ours; of what libraries print the last is remembered."""
    try:
        event = dict(json.loads(line))
        name, level = str(event.pop("event")), str(event.pop("level", "info"))
    except (ValueError, TypeError, KeyError):
        log.debug("learn.child_said", text=line[:500])
        last_words[:] = [line[:200]] if line.strip() else last_words
        return
    event.pop("timestamp", None)
    say = {"error": log.error, "warning": log.warning, "debug": log.debug}.get(level, log.info)
    say(name, **{key: value for key, value in event.items() if key.isidentifier()})


def _wait(process: subprocess.Popen[str], limit_s: float, stopping: threading.Event) -> str:
    """Why the child was stopped, or "" where it ended by itself."""
    end = time.monotonic() + limit_s
    while process.poll() is None:
        if stopping.wait(_LOOK_S):
            return _stop(process, "the daemon stops")
        if time.monotonic() > end:
            return _stop(process, f"it needs more than learn.time_limit_s = {limit_s:g} s")
    return ""


def _stop(process: subprocess.Popen[str], why: str) -> str:
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return why


def _died(last_words: list[str], limit_mb: int) -> str:
    """Why, where a library ended the process for want of memory without an error of Python's."""
    if any(words in line for line in last_words for words in NO_MEMORY):
        return f"out of memory at learn.memory_limit_mb = {limit_mb} ({last_words[0]}); raise it"
    return ""


def _answer(said: list[str], why: str, died: str) -> dict[str, Any]:
    try:
        answer = dict(json.loads(said[-1]))
    except (IndexError, ValueError, TypeError):
        answer = {}
    if answer and "error" not in answer:
        return answer
    reason = why or answer.get("error") or died
    raise LearnError(f"the round of learning was not finished: {reason}")


def _ended(status: int) -> str:
    if status == -9:
        return "killed (signal 9): by hand, or by the system for want of memory"
    return f"killed by signal {-status}" if status < 0 else f"it ended with status {status}"
