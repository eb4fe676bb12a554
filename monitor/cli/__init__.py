"""The command line: `downdraft`. Heavy rooms are imported by the commands that need them."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback

import typer

from monitor.cli import (
    archive,
    backup,
    bandit,
    demo,
    detect_bench,
    feedback,
    feeds,
    labels,
    learning,
    parsing,
    receivers,
    records,
    service,
)
from monitor.errors import ConfigError, DataError, LearnError, StoreError
from policy.errors import CheckpointError, DeviceError

_EXIT_USAGE = 2
_EXIT_DATA = 3
_EXIT_BUG = 70  # as sysexits.h has it
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

app = typer.Typer(
    name="downdraft",
    help="Watches financial news and warns when it turns bad.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for room in (
    service, labels, learning, feedback, parsing, feeds, receivers, archive, detect_bench, bandit,
    records, backup, demo,
):  # fmt: skip
    room.register(app)


def main() -> None:
    """Entry point. An error is one line on standard error, and never a traceback."""
    try:
        _answer()
    except (ConfigError, StoreError, LearnError, CheckpointError, DeviceError) as error:
        _fail(str(error), _EXIT_USAGE)
    except DataError as error:
        _fail(str(error), _EXIT_DATA)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _drop_the_rest()
        sys.exit(0)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _drop_the_rest()
            _fail(f"output cannot be written: {error.strerror}; make room for it", _EXIT_DATA)
        _fail(f"a bug: {type(error).__name__}: {error}; {_trace_kept()}", _EXIT_BUG)


def _answer() -> None:
    """Runs the command and writes all of its answer: what cannot be written is known in time."""
    try:
        app()
    finally:
        if sys.stdout is not None:  # closed by whoever called
            sys.stdout.flush()


def _drop_the_rest() -> None:
    """Nothing more is written to standard output, and nothing that waits for it fails."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _trace_kept() -> str:
    """Keeps the trace for a report, out of the user's way."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="downdraft-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return f"please report it with {file.name}"


def _fail(message: str, status: int) -> None:
    print(f"downdraft: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
