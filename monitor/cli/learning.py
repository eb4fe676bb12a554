"""learn: one round of learning from the verdicts in the store."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Annotated, get_args

import typer

from monitor.cli.opening import store_or_none_yet
from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.cli.progress import bars
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.config_learn import LearnerName
from monitor.errors import ConfigError
from monitor.learning.setting import Answer
from monitor.logs import configure_logs


def register(app: typer.Typer) -> None:
    app.command()(learn)


def learn(
    learner: Annotated[
        str, typer.Option(help=f"{', '.join(get_args(LearnerName))}; else learn.learner.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """One round of learning from verdicts: trains a candidate, or moves on the trial of one;
    exit 1 where a candidate was refused."""
    settings = load_settings(config)
    configure_logs(settings.log)
    if learner and learner not in get_args(LearnerName):
        raise ConfigError(
            f"{learner}: no such learner; there are {', '.join(get_args(LearnerName))}"
        )
    said = _answered(settings, learner, dry_run)
    if json_output:
        from monitor.learning.answering import document

        say_json(document(said))
    else:
        for line in _lines(said):
            say(line)
    if said.state == "refused":
        raise typer.Exit(1)


def _answered(settings: Settings, learner: str, dry_run: bool) -> Answer:
    from monitor.learning import round as rounds
    from monitor.learning.bench import Bench
    from monitor.learning.setting import Round

    with store_or_none_yet(settings) as store, bars() as show:
        bench = Bench(store, settings)
        this = Round(store, settings, wall_clock, bench, show, learner, asked=True)
        if dry_run:
            return rounds.would(this)
        return rounds.run(this, f"a person's {os.getpid()} on {socket.gethostname()}")


def _lines(said: Answer) -> Iterator[str]:
    """The same for people."""
    about = f" {said.candidate}" if said.candidate else ""
    yield f"{said.state}{about}"
    yield from (f"  {reason}" for reason in said.reasons)
    yield f"live: {said.live}"
