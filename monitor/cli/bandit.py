"""bandit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.cli.options import JsonOption, progress_console, say, say_json
from monitor.errors import ConfigError, DataError

if TYPE_CHECKING:
    from policy.bandit.arms import Arm
    from policy.bandit.cells import Cell, Trial

_ALL = "all"


def register(app: typer.Typer) -> None:
    app.command("bandit")(bandit)


def bandit(
    file: Annotated[Path, typer.Argument(help="CSV with text and topic, or sentiment.")],
    encoder: Annotated[str, typer.Option(help="Untuned base encoder: id or path.")] = "",
    warm: Annotated[
        int, typer.Option(help="Labelled rows to begin with; 0: 300, or a quarter of the file.")
    ] = 0,
    learners: Annotated[str, typer.Option(help="Names, with commas between.")] = _ALL,
    seeds: Annotated[int, typer.Option(min=1, help="Splits and desks to draw.")] = 1,
    verdicts: Annotated[
        int, typer.Option(help="Headlines to review; a quarter of the file is kept as the test.")
    ] = 9000,
    arm: Annotated[str, typer.Option(help="What befalls the desk; see docs/learning.md.")] = "",
    corrections: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of rejections that name a label.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(min=0, max=1, help="How often an honest analyst errs.")
    ] = None,
    adversaries: Annotated[
        int | None, typer.Option(min=0, max=5, help="How many of the five analysts lie.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    cache: Annotated[
        Path | None, typer.Option(help="Where features and finished runs are kept.")
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """Labelled headlines as verdicts: how much of what labels teach do they teach?"""
    from policy.bandit.arms import arm as named
    from policy.bandit.cells import Trial
    from policy.bandit.features import default_cache
    from policy.bandit.roster import expanded
    from policy.encoder import DEFAULT_ENCODER

    given = {"corrections": corrections, "noise": noise, "adversaries": adversaries}
    change: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    chosen = replace(named(arm or "clean"), **change)
    if verdicts < 1 or warm < 0:
        raise ConfigError(f"--verdicts {verdicts}, --warm {warm}: these are numbers of rows")
    who = expanded(_everybody() if learners == _ALL else learners.split(","))
    trial = Trial(
        file, encoder or DEFAULT_ENCODER, warm or None, verdicts, cache or default_cache()
    )
    document = _document(trial, chosen, who, seeds, jobs)
    if json_output:
        say_json(document)
        return
    _print(document)


def _everybody() -> list[str]:
    """All who can take part here."""
    from policy.bandit.roster import DEFAULT, VOWPAL, expanded

    try:
        expanded([VOWPAL])
    except DataError as missing:
        progress_console.print(str(missing))
        return [name for name in DEFAULT if name != VOWPAL]
    return list(DEFAULT)


def _document(trial: Trial, arm: Arm, who: Sequence[str], seeds: int, jobs: int) -> dict[str, Any]:
    from policy.bandit import report
    from policy.bandit.cells import ENDS, Cell, prepared
    from policy.bandit.split import sizes

    with progress_console.status("reading headlines"):
        table, _, _ = prepared(trial)
    known, stream = sizes(len(table.truth), trial.warm, trial.verdicts)
    cells = [Cell(trial, arm, name, seed) for seed in range(seeds) for name in (ENDS, *who)]
    done = _played(cells, jobs)
    ends = [done[cell] for cell in cells if cell.who == ENDS]
    played = {name: [done[c] for c in cells if c.who == name] for name in who}
    return {
        "dataset": table.name,
        "head": table.head,
        "classes": len(table.labels),
        "rows": len(table.truth),
        "warm": known,
        "verdicts": stream,
        "test_rows": ends[0]["test_rows"],
        "arm": arm.name,
        "seeds": seeds,
        **report.scale(ends),
        "learners": report.learners(played, ends),
    }


def _played(cells: Sequence[Cell], jobs: int) -> dict[Cell, dict[str, Any]]:
    from policy.bandit.cells import found

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    done: dict[Cell, dict[str, Any]] = {}
    with Progress(*columns, TimeElapsedColumn(), console=progress_console) as bar:
        shown = bar.add_task("bandit", total=len(cells))
        for cell, record in found(cells, jobs):
            done[cell] = record
            bar.update(shown, advance=1, description=f"{cell.who}, seed {cell.seed}")
    return done


def _print(document: dict[str, Any]) -> None:
    say(
        f"{document['dataset']}: {document['classes']} {document['head']} labels, warm start of"
        f" {document['warm']}, {document['verdicts']:,} verdicts, {document['test_rows']:,} test"
        f" rows, {document['seeds']} seeds, arm {document['arm']}"
    )
    say(f"{'':<30} {'accuracy':>8} {'± se':>6} {'F1':>6} {'ECE':>6} {'gap':>6} {'online':>7}")
    ends = {end: document[end] for end in ("frozen", "skyline")}
    for name, told in (ends | document["learners"]).items():
        gap, online = (_share(told.get(key)) for key in ("gap_closed", "online_reward"))
        say(
            f"{name:<30} {told['accuracy']:>8.4f} {told['accuracy_se']:>6.4f}"
            f" {told['macro_f1']:>6.3f} {told['ece']:>6.3f} {gap:>6} {online:>7}"
        )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
