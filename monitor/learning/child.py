"""The round of learning as a process of its own: `python -m monitor.learning.child`.

It is told who starts it and the configuration on standard input, logs JSON lines to standard error,
and says one line on standard output: the answer, or {"error": …}. SIGTERM ends it in order; what it
had trained until then lies on the disk for the next round.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from typing import Any, NoReturn, TextIO

import structlog

from monitor.clock import wall_clock
from monitor.config import LogSection, Settings
from monitor.errors import ConfigError, DataError, LearnError, StoreError
from monitor.learning.process import NO_MEMORY
from monitor.learning.setting import Answer
from monitor.logs import configure_logs
from policy.errors import CheckpointError, DeviceError

log = structlog.get_logger()

_KNOWN = (CheckpointError, ConfigError, DataError, DeviceError, LearnError, StoreError)
_STOPPED = 143  # as a shell has it: 128 + SIGTERM


def main() -> int:
    answers = _own_standard_output()
    signal.signal(signal.SIGTERM, _stop)
    told = json.load(sys.stdin)
    settings = Settings(**told["settings"])
    configure_logs(LogSection(level=settings.log.level, format="json"))
    _limit_memory(settings.learn.memory_limit_mb)
    said, status = _tried(settings, str(told["holder"]))
    print(json.dumps(said, ensure_ascii=False, default=str), file=answers, flush=True)
    return status


def _tried(settings: Settings, holder: str) -> tuple[dict[str, Any], int]:
    try:
        return asdict(_round(settings, holder)), 0
    except Exception as error:
        if _is_out_of_memory(error):
            return {"error": _enough(settings)}, 1
        if isinstance(error, _KNOWN):
            return {"error": " ".join(str(error).split())}, 1
        raise


def _round(settings: Settings, holder: str) -> Answer:
    from monitor.learning.bench import Bench  # after the limit: torch's own memory counts too
    from monitor.learning.round import run
    from monitor.learning.setting import Round
    from monitor.store.engine import open_store

    store = open_store(settings.store.url)
    try:
        bench = Bench(store, settings)
        return run(Round(store, settings, wall_clock, bench, Steps()), holder)
    finally:
        store.close()


class Steps:
    """Progress as events: when something begins, and at each quarter of it."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def __call__(self, what: str, done: int, total: int) -> None:
        at = (what, 4 * done // total if total else 0)
        if at != self._last:
            self._last = at
            log.info("learn.progress", what=what, done=done, of=total)


def _own_standard_output() -> TextIO:
    """For the answer alone: what libraries print goes where the log goes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _stop(_sign: int, _frame: object) -> NoReturn:
    raise SystemExit(_STOPPED)  # the lease is given back on the way out


def _limit_memory(megabytes: int) -> None:
    """Of data, not of addresses: a GPU's driver reserves far more of those than it uses."""
    wanted, (_, most) = megabytes * 2**20, resource.getrlimit(resource.RLIMIT_DATA)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))


def _is_out_of_memory(error: Exception) -> bool:
    """By what torch and the loader of libraries say: they raise errors of several kinds for it."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY)


def _enough(settings: Settings) -> str:
    return (
        f"out of memory at learn.memory_limit_mb = {settings.learn.memory_limit_mb}; raise it,"
        " or leave fewer rows in learn.anchors"
    )


if __name__ == "__main__":
    sys.exit(main())
