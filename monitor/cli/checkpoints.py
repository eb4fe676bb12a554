"""policy list, show, card."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.config import load_settings

if TYPE_CHECKING:
    from policy.checkpoint import Description

_Id = Annotated[str, typer.Argument(help="Id or directory; without it: the one that ships.")]


def register(group: typer.Typer) -> None:
    group.command("list")(list_all)
    group.command("show")(show)
    group.command("card")(card)


def path_of(given: str) -> Path:
    """The directory of a checkpoint that is named by id or by path; "" is the one that ships."""
    from policy.checkpoint import SHIPPED, describe

    if given and Path(given).exists():
        return Path(given)
    return SHIPPED if not given or given == describe(SHIPPED).id else Path(given)


def list_all(config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """The checkpoint that ships and the one that is configured."""
    from policy.checkpoint import SHIPPED, describe

    live = path_of(load_settings(config).policy.checkpoint)
    rows = [
        {"id": describe(path).id, "path": str(path), "live": path == live}
        for path in dict.fromkeys((SHIPPED, live))
    ]
    if json_output:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['id']}  {'live' if row['live'] else '    '}  {row['path']}")


def show(policy: _Id = "", json_output: JsonOption = False) -> None:
    """Id, parent, data, figures and files of a checkpoint."""
    from policy.checkpoint import describe

    description: Description = describe(path_of(policy))
    if json_output:
        say_json(asdict(description))
        return
    for key, value in asdict(description).items():
        say(f"{key:12} {value}")


def card(policy: _Id = "") -> None:
    """The model card: data, licences, figures, limits."""
    from policy.checkpoint import CARD, describe

    path = path_of(policy)
    describe(path)  # refuses what is no checkpoint
    say((path / CARD).read_text(encoding="utf-8"))
