"""demo."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alerts.types import Stream
from alerts.wording import rfc3339
from monitor.cli.options import JsonOption, progress_console, say, say_json
from monitor.cli.state import alert_document
from monitor.config import LogSection
from monitor.logs import configure_logs

if TYPE_CHECKING:
    from alerts.types import Alert
    from monitor.demo import Played, Stage
    from monitor.newswire.script import Script

_STOPPED = 143  # as a shell has it: 128 + SIGTERM
_LEISURELY = 2400.0  # virtual seconds a second: the four days in under three minutes


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop when the story has played.")] = False,
    speed: Annotated[
        float | None, typer.Option(min=0, help="Virtual seconds a second; 0: as fast as it goes.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the page.")] = 8377,
    seed: Annotated[int, typer.Option(help="Draws another story.")] = 0,
    json_output: JsonOption = False,
) -> None:
    """The whole product on this machine: fictional news, real code, a page to look at."""
    configure_logs(LogSection(level="error"))
    from monitor import demo as playhouse

    began = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(_ended_in_order())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="downdraft-demo-")))
        progress_console.print(f"setting the stage (seed {seed}) and loading the policy …")
        stage = stack.enter_context(playhouse.staged(seed, folder, port))
        stack.enter_context(playhouse.page(stage))
        progress_console.print(f"[bold]page: http://127.0.0.1:{port}[/]")
        if not once:
            progress_console.print(
                f"judge labels and alerts at http://127.0.0.1:{port}/review, token {stage.token}",
                highlight=False,
            )
        pace = (0.0 if once else _LEISURELY) if speed is None else speed
        played = playhouse.play(stage, pace, _Teller())
        faults = playhouse.faults(played)
        document = _document(played, round(time.monotonic() - began, 1))
        say_json(document) if json_output else _print(document, stage, faults)
        if not once:
            _stay(port)
    if faults:
        raise typer.Exit(1)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does: what it has set up is taken down."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough
    sys.exit(_STOPPED)


class _Teller:
    """Says on standard error what is being played, a line for each scene."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, now: datetime, script: Script) -> None:
        for at, scene in _scenes(script):
            if at <= now and scene not in self._told:
                self._told.add(scene)
                progress_console.print(f"{at:%a %H:%M}  {scene}", highlight=False)


def _scenes(script: Script) -> list[tuple[datetime, str]]:
    crisis = script.crisis
    scenes = [
        (script.starts_at, f"{len(script.outlets)} outlets begin to publish"),
        (
            script.syndication.at,
            f"one bad story goes round: {script.syndication.copies} copies (no alert is due)",
        ),
        (script.burst.starts_at, f"four times the volume in {script.burst.topic} (none is due)"),
        (script.outage.starts_at, f"{len(script.outage.outlets)} outlets go dark (none is due)"),
        (crisis.starts_at, f"crisis: {crisis.topic}, {crisis.target} (an alert is due)"),
        (script.ends_at, "the story has played"),
    ]
    return sorted(scenes)


def _document(played: Played, seconds: float) -> dict[str, Any]:
    crisis = played.script.crisis
    return {
        "seed": played.script.seed,
        "articles": played.articles,
        "stories": played.stories,
        "expected": [
            {
                "topic": crisis.topic,
                "target": crisis.target,
                "starts_at": rfc3339(crisis.starts_at),
                "ends_at": rfc3339(crisis.ends_at),
            }
        ],
        "alerts": [_alert(one, played) for one in played.raised],
        "deliveries": [
            {
                "receiver": one.receiver,
                "id": one.id,
                "state": one.state,
                "announcement": one.announcement,
                "arrived": one.id in played.arrived,
            }
            for one in played.deliveries
        ],
        "seconds": seconds,
    }


def _alert(one: Alert, played: Played) -> dict[str, Any]:
    inside = [_alert(child, played) for child in played.children.get(one.id, ())]
    return alert_document(one) | {"children": inside}


def _print(document: dict[str, Any], stage: Stage, faults: list[str]) -> None:
    expected = document["expected"][0]
    say(
        f"played     {document['articles']:,} articles, {document['stories']:,} stories in "
        f"{document['seconds']} s (seed {document['seed']})"
    )
    say(
        f"expected   one alert: {expected['topic']}, {expected['target']} "
        f"after {expected['starts_at']}"
    )
    for one in document["alerts"]:
        say(f"raised     {_line(one)}")
        for child in one["children"]:
            say(f"  inside   {_line(child)}")
    for one in document["deliveries"]:
        arrived = "arrived" if one["arrived"] else "did not arrive"
        say(f"delivered  {one['announcement']} to {one['receiver']}: {one['state']}, {arrived}")
    for fault in faults:
        say(f"FAULT      {fault}")
    say(f"verdict    {'not as expected' if faults else 'as expected'}")


def _line(one: dict[str, Any]) -> str:
    where = Stream(one["topic"], one["target"])
    return (
        f"{where}: {one['negatives']} of {one['stories']} stories negative since {one['onset']}, "
        f"{one['baseline']:.0%} is usual; raised {one['raised_at']}"
    )


def _stay(port: int) -> None:
    progress_console.print(
        f"[bold]the page stays at http://127.0.0.1:{port}[/] until you press Ctrl-C"
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        progress_console.print("bye")
