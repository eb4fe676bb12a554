"""explain."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from monitor.cli.opening import existing_store
from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.config import load_settings


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    alert_id: Annotated[str, typer.Argument(help="As the message and the page show it.")],
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Rebuild the numbers behind an alert from the store; exit 1 for an unknown alert."""
    from monitor.explain import explain as rebuild
    from monitor.explain import lines

    settings = load_settings(config)
    with existing_store(settings) as store:
        document = rebuild(store, settings, alert_id)
    if document is None:
        shown = "see `downdraft status` or the page's list of alerts"
        print(f"downdraft: {alert_id}: no such alert; {shown}", file=sys.stderr)
        raise typer.Exit(1)
    if json_output:
        say_json(document)
        return
    for line in lines(document):
        say(line)
