"""The command line: `downdraft`. Heavy rooms are imported by the commands that need them."""

from __future__ import annotations

import os
import sys

import typer

from monitor.cli import archive, demo, feeds, labels, records, service
from monitor.errors import ConfigError, DataError, StoreError
from policy.errors import CheckpointError

_EXIT_USAGE = 2
_EXIT_DATA = 3

app = typer.Typer(
    name="downdraft",
    help="Watches financial news and warns when it turns bad.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for room in (service, labels, feeds, archive, records, demo):
    room.register(app)


def main() -> None:
    """Entry point. An error is one line on standard error, and never a traceback."""
    try:
        app()
    except (ConfigError, StoreError, CheckpointError) as error:
        _fail(str(error), _EXIT_USAGE)
    except DataError as error:
        _fail(str(error), _EXIT_DATA)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _fail(message: str, status: int) -> None:
    print(f"downdraft: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
