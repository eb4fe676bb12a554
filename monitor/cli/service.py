"""run, once, check, status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.logs import configure_logs


def register(app: typer.Typer) -> None:
    for command in (run, once, check, status):
        app.command()(command)


def run(config: ConfigOption = None) -> None:
    """The daemon: polls, labels, detects, delivers, and serves the page."""
    settings = load_settings(config)
    configure_logs(settings.log)
    from monitor.daemon import run as run_daemon

    run_daemon(settings)


def once(
    job: Annotated[str, typer.Argument(help="poll, label, detect, deliver, learn or prune.")],
    config: ConfigOption = None,
) -> None:
    """One tick of a job; exit 1 where it failed."""
    settings = load_settings(config)
    configure_logs(settings.log)
    from monitor.daemon import open_context, sync_feeds, tick
    from monitor.jobs import JOBS

    chosen = {one.name: one for one in JOBS}.get(job)
    if chosen is None:
        raise ConfigError(f"{job}: no such job; jobs: {', '.join(one.name for one in JOBS)}")
    with open_context(settings) as context:
        sync_feeds(context.store, settings, context.clock())
        before = context.metrics.registry.get_sample_value(_ERRORS, {"job": job}) or 0
        tick(context, chosen)
        after = context.metrics.registry.get_sample_value(_ERRORS, {"job": job}) or 0
    if after > before:
        raise typer.Exit(1)


_ERRORS = "downdraft_job_errors_total"


def check(
    config: ConfigOption = None,
    what_if: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A changed configuration: what would have fired under it?"
        ),
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """Read the configuration, open the store, load the checkpoint, resolve the feeds' hosts; or
    try a changed configuration on the last 90 days of the store, writing nothing."""
    settings = load_settings(config)
    if what_if:
        from monitor.cli.what_if import answer

        answer(settings, what_if, json_output)
        return
    from monitor.cli.checking import findings

    found = findings(settings, config)
    if json_output:
        say_json({"ok": all(one.ok for one in found), "checks": [one.document() for one in found]})
    else:
        for one in found:
            say(f"{one.word} {one.what}: {one.said}")
    if not all(one.ok for one in found):
        raise typer.Exit(1)


def status(config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Feeds, backlog, live checkpoint, learning and analysts, firing alerts, dead deliveries."""
    from monitor.cli.opening import store_or_none_yet
    from monitor.cli.state import read_state

    settings: Settings = load_settings(config)
    with store_or_none_yet(settings) as store:
        state: dict[str, Any] = read_state(store, wall_clock())
    if json_output:
        say_json(state)
        return
    from monitor.cli.state import lines

    for line in lines(state):
        say(line)
