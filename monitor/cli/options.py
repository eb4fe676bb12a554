"""Options that several commands share, and how they speak."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from alerts.wording import rfc3339

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="TOML file; without it: the defaults.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy", help="Checkpoint, by id or directory; without it: the one that ships."
    ),
]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]

progress_console = Console(stderr=True, soft_wrap=True)  # standard output is for answers only


def say(line: str = "") -> None:
    """A line of the answer."""
    print(line)


def say_json(document: Any) -> None:
    """The answer as one JSON document on one line; times as everywhere."""
    print(json.dumps(document, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def read_lines(given: Iterable[str] | None) -> Iterable[str]:
    """Texts from arguments, or a line each from standard input for none or "-"."""
    texts = list(given or [])
    if texts and texts != ["-"]:
        return texts
    return (line.rstrip("\r\n") for line in sys.stdin)
