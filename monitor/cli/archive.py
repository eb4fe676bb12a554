"""replay."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alerts.types import Stream
from alerts.wording import counted
from monitor.cli.checkpoints import path_of
from monitor.cli.drafts import draft_of
from monitor.cli.options import (
    ConfigOption,
    DeviceOption,
    JsonOption,
    PolicyOption,
    progress_console,
    say,
    say_json,
)
from monitor.cli.progress import bars
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from policy.manifest import describe
from policy.types import Policy, Prediction, Tier

if TYPE_CHECKING:
    from monitor.replay import Plan, Replayed

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
    report: Annotated[Path | None, typer.Option(help="HTML file to write, with pictures.")] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps labels and stories.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Keep neither labels nor stories.")
    ] = False,
    policy: PolicyOption = "",
    device: DeviceOption = "auto",
    json_output: JsonOption = False,
) -> None:
    """Back-test: an archive of dated headlines through the daemon's own code."""
    from monitor.replay_page import page, refuse_unwritable

    if report:
        refuse_unwritable(report)
    settings = load_settings(config)
    kept = None if no_cache else cache or _cache_home()
    plan = _plan(settings, events, bin_width, budget, since, until, kept)
    replayed = _play(archive, LazyPolicy(policy or settings.policy.checkpoint, device), plan)
    try:
        if report:
            with draft_of(report) as draft:
                draft.write_text(page(replayed, archive.name), encoding="utf-8")
    finally:  # a full disk costs the page and not the answer
        if json_output:
            say_json(replayed.document)
        else:
            _print(replayed.document)


class LazyPolicy:
    """A checkpoint that is loaded when first asked: where every label is cached, never."""

    tier: Tier = "cpu"  # what a back-test keeps says nothing of tiers

    def __init__(self, policy: str, device: str) -> None:
        if device not in ("auto", "cpu", "cuda"):
            raise ConfigError(f"--device {device}: no such device; use auto, cpu or cuda")
        self._opening = (policy, device)
        self._opened: Policy | None = None
        self.checkpoint = describe(path_of(policy)).id

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        from monitor.cli.labels import open_policy

        if self._opened is None:
            self._opened = open_policy(*self._opening)
        return self._opened.label(texts, targets)


def _play(archive: Path, policy: Policy, plan: Plan) -> Replayed:
    """With a bar for every part of the way, on standard error."""
    from monitor.archive import read_archive
    from monitor.replay import play

    with bars() as show:
        return play(read_archive(archive), policy, plan, show, _remark)


def _remark(line: str) -> None:
    """Strangers' words are words: no brackets in them are style."""
    progress_console.print(line, markup=False, highlight=False)


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
    from monitor.watching import config_of, pairs_of, watch_list_of

    if bin_width and bin_width not in _WIDTHS:
        raise ConfigError(f"--bin {bin_width}: use 1h or 1d")
    if budget is not None and not 0 < budget < math.inf:
        raise ConfigError(f"--budget {budget}: must be a number of false alarms a week above 0")
    return Plan(
        config=config_of(settings),
        topics=settings.detect.topics,
        names=tuple(entry.name for entry in settings.watch),
        pairs=pairs_of(settings),
        watch_list=watch_list_of(settings),
        events=read_events(events) if events else (),
        bin=_WIDTHS.get(bin_width),
        budget=budget,
        since=_day(since, "--from"),
        until=_end(until),
        cache=cache,
    )


def _end(until: str) -> datetime | None:
    """After the last day that is asked for, which is included; None: as far as it goes."""
    last = _day(until, "--to")
    if last is None or last.year == MAXYEAR:
        return None
    return last if "T" in until else last + timedelta(days=1)


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
    say(f"{counted(len(document['alerts']), 'alert')}, {rate:.2f} per 100 stream-days")
    for alert in document["alerts"]:
        where = Stream(alert["topic"], alert["target"])
        say(
            f"{alert['at']}  {where}: share {alert['share']:.0%} against {alert['baseline']:.0%}, "
            f"{counted(alert['stories'], 'story', 'stories')}, {len(alert['children'])} inside"
        )
        for headline in alert["headlines"][:3]:
            say(f"    {headline}")
    for line in _others(document["other_alerts"]):
        say(line)
    events = document["events"]
    if events["count"]:
        say(
            f"events: {events['detected']} of {events['count']} detected; "
            f"by chance {events['chance']:.0%}"
        )


def _others(alerts: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The kinds that the rate does not count, a line each."""
    for kind, many in Counter(alert["kind"] for alert in alerts).items():
        yield f"besides {counted(many, kind.replace('_', ' '))}: --json and --report list them"
