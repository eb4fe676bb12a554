"""detect-bench."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.options import JsonOption, progress_console, say, say_json
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from alerts.bench.protocol import Finding

_MINIMUM = 100  # stream-weeks in which four false alarms are promised


def register(app: typer.Typer) -> None:
    app.command("detect-bench")(detect_bench)


def detect_bench(
    regime: Annotated[str, typer.Option(help="Only this regime; default: all.")] = "",
    weeks: Annotated[
        int, typer.Option(help="Quiet stream-weeks a regime; 100000 for a night.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Draws other streams.")] = 0,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0: one a core.")] = 0,
    json_output: JsonOption = False,
) -> None:
    """Simulated news: does the detector keep its promise, and who else is as quick?"""
    from alerts.bench import methods, regimes, report
    from alerts.bench.methods.river_drift import missing

    if weeks < _MINIMUM:
        raise ConfigError(f"--weeks {weeks}: at least {_MINIMUM}, or no alarm is due")
    try:
        chosen = (regimes.named(regime),) if regime else regimes.REGIMES
    except ValueError as unknown:
        raise ConfigError(f"--regime {unknown}") from None
    if missing():
        progress_console.print(missing())
    tasks = [(each.name, method.name) for each in chosen for method in methods.available()]
    findings = report.document(_judged(tasks, weeks, seed, jobs or os.cpu_count() or 1))
    if json_output:
        about = {each.name: each.about for each in chosen}
        say_json({"seed": seed, "weeks": weeks, "about": about, "regimes": findings})
        return
    for each in chosen:
        say(f"{each.name}: {each.about}; shift of odds ratio {each.odds:g}")
        _print(findings[each.name], report.HEADING)


def _print(figures: dict[str, Any], heading: str) -> None:
    from alerts.bench.report import line

    say(heading)
    for name, record in figures.items():
        say(line(name, record))
    say()


def _judged(tasks: list[tuple[str, str]], weeks: int, seed: int, jobs: int) -> list[Finding]:
    """Findings in the order of the tasks, with a progress bar while they come in."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=progress_console) as bar:
        shown = bar.add_task("detect-bench", total=len(tasks))
        found: dict[tuple[str, str], Finding] = {}
        for finding in _run(tasks, weeks, seed, jobs):
            found[finding.regime, finding.method] = finding
            bar.update(shown, advance=1, description=f"{finding.regime}, {finding.method}")
    return [found[task] for task in tasks]


def _run(tasks: list[tuple[str, str]], weeks: int, seed: int, jobs: int) -> Iterator[Finding]:
    from alerts.bench.protocol import Size, judge

    size = Size(weeks)
    if jobs == 1 or len(tasks) == 1:
        yield from (judge(*task, size, seed) for task in tasks)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:  # the bar has a thread
        futures: list[Future[Finding]] = [pool.submit(judge, *task, size, seed) for task in tasks]
        for future in as_completed(futures):
            yield future.result()
