"""replay."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from alerts.types import Stream
from monitor.cli.options import (
    ConfigOption,
    DeviceOption,
    JsonOption,
    PolicyOption,
    progress_console,
    say,
    say_json,
)
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.replay import Plan

_WIDTHS = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    archive: Annotated[Path, typer.Argument(help="JSON lines with ts and title; .gz is opened.")],
    config: ConfigOption = None,
    events: Annotated[Path | None, typer.Option(help="CSV of dated events.")] = None,
    bin_width: Annotated[str, typer.Option("--bin", help="1h or 1d; default: as dated.")] = "",
    budget: Annotated[
        float | None, typer.Option(help="False alarms a week over all streams (0.07 a stream).")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD, included.")] = "",
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps labels.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep no labels.")] = False,
    policy: PolicyOption = "",
    device: DeviceOption = "auto",
    json_output: JsonOption = False,
) -> None:
    """Back-test: an archive of dated headlines through the daemon's own code."""
    from monitor.archive import read_archive
    from monitor.cli.labels import open_policy
    from monitor.replay import replay as play

    settings = load_settings(config)
    kept = None if no_cache else cache or _cache_home()
    plan = _plan(settings, events, bin_width, budget, since, until, kept)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    labeller = open_policy(policy or settings.policy.checkpoint, device)
    with Progress(*columns, TimeRemainingColumn(), console=progress_console) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        document = play(read_archive(archive), labeller, plan, show)
    if json_output:
        say_json(document)
    else:
        _print(document)


def _plan(
    settings: Settings,
    events: Path | None,
    bin_width: str,
    budget: float | None,
    since: str,
    until: str,
    cache: Path | None,
) -> Plan:
    from monitor.events import read_events
    from monitor.replay import Plan
    from monitor.watching import config_of, watch_list_of

    if bin_width and bin_width not in _WIDTHS:
        raise ConfigError(f"--bin {bin_width}: use 1h or 1d")
    if budget is not None and budget <= 0:
        raise ConfigError(f"--budget {budget}: must be above 0 false alarms a week")
    last = _day(until, "--to")
    return Plan(
        config=config_of(settings),
        topics=settings.detect.topics,
        names=tuple(entry.name for entry in settings.watch),
        watch_list=watch_list_of(settings),
        events=read_events(events) if events else (),
        bin=_WIDTHS.get(bin_width),
        budget=budget,
        since=_day(since, "--from"),
        until=last + timedelta(days=1) if last and "T" not in until else last,
        cache=cache,
    )


def _day(text: str, option: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} {text}: not a date; write YYYY-MM-DD") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _cache_home() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "downdraft"


def _print(document: dict[str, Any]) -> None:
    say(
        f"{document['articles']:,} articles, {document['stories']:,} stories, "
        f"{document['streams']} streams, {document['bins']:,} bins, {document['seconds']} s"
    )
    rate = document["alerts_per_100_stream_days"]
    say(f"{len(document['alerts'])} alerts, {rate:.2f} per 100 stream-days")
    for alert in document["alerts"]:
        where = Stream(alert["topic"], alert["target"])
        say(
            f"{alert['at']}  {where}: share {alert['share']:.0%} against {alert['baseline']:.0%}, "
            f"{alert['stories']} stories, {len(alert['children'])} children"
        )
        for headline in alert["headlines"][:3]:
            say(f"    {headline}")
    events = document["events"]
    if events["count"]:
        say(
            f"events: {events['detected']} of {events['count']} detected; "
            f"by chance {events['chance']:.0%}"
        )
