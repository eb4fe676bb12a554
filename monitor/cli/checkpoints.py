"""policy show, check, card: one checkpoint looked at."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import approvals, promotions
from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.config import load_settings

if TYPE_CHECKING:
    from policy.checklist.results import Outcome
    from policy.manifest import Description

_Id = Annotated[str, typer.Argument(help="Id or directory; without it: the one that ships.")]

_ID = re.compile(r"[0-9a-f]{12}")


def register(group: typer.Typer) -> None:
    for command in (show, check, card):
        group.command()(command)
    promotions.register(group)
    approvals.register(group)


def path_of(given: str, config: Path | None = None) -> Path:
    """The directory of a checkpoint that is named by id or by path; "" is the one that ships.

    Ids are looked up in the store that is configured.
    """
    from policy.manifest import SHIPPED, describe

    if not given or Path(given).exists():
        return Path(given) if given else SHIPPED
    if given == describe(SHIPPED).id:
        return SHIPPED
    return _in_store(given, config) if _ID.fullmatch(given) else Path(given)


def _in_store(id_: str, config: Path | None) -> Path:
    from monitor.cli.opening import existing_store
    from monitor.live_policy import place_of

    settings = load_settings(config)
    with existing_store(settings) as store, store.read() as tx:
        return place_of(tx, settings, id_)


def show(policy: _Id = "", config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Id, parent, data, figures and files of a checkpoint."""
    from policy.manifest import describe

    description: Description = describe(path_of(policy, config))
    if json_output:
        say_json(asdict(description))
        return
    for key, value in asdict(description).items():
        say(f"{key:12} {value}")


def check(policy: _Id = "", config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Ask a policy what it must be able to do: pass rate and worst example by capability."""
    from policy.checklist.suite import run
    from policy.opening import open_policy

    outcome = run(open_policy(path_of(policy, config)))
    if json_output:
        say_json(_document(outcome))
        return
    wide = max(len(each.name) for each in outcome.results)
    say(f"{'capability':{wide}}  kind  cases   rate  moved  an example that failed")
    for each in outcome.results:
        moved = "" if each.movement is None else f"{each.movement:.2f}"
        example = _printable(each.worst[0]) if each.worst else ""
        line = f"{each.name:{wide}}  {each.kind:4}  {each.cases:5}  {each.rate:5.0%}  {moved:>5}"
        say(f"{line}  {example}".rstrip())
    say(f"{'mean of the rates':{wide}}  {'':11}  {outcome.rate:5.1%}  policy {outcome.policy}")


def _document(outcome: Outcome) -> dict[str, Any]:
    rows = [
        {
            "name": each.name,
            "kind": each.kind,
            "cases": each.cases,
            "passed": each.passed,
            "rate": round(each.rate, 4),
            "movement": None if each.movement is None else round(each.movement, 4),
            "worst": each.worst,
        }
        for each in outcome.results
    ]
    return {"policy": outcome.policy, "rate": round(outcome.rate, 4), "capabilities": rows}


def _printable(example: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in example)


def card(policy: _Id = "", config: ConfigOption = None) -> None:
    """The model card: data, licences, figures, limits."""
    from policy.manifest import CARD, describe

    path = path_of(policy, config)
    describe(path)  # refuses what is no checkpoint
    say((path / CARD).read_text(encoding="utf-8"))
