"""feeds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli import feed_lists
from monitor.cli.opening import existing_store, opened_store, store_or_none_yet
from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError, FetchError, ParseError
from monitor.opml import SHORTEST_S, Listed
from monitor.parse import ParsedFeed
from monitor.parser_process import ParserProcess
from monitor.store import feeds, quiet
from monitor.store.feeds import FeedRow
from monitor.urls import fetchable, without_secrets


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The feeds that the daemon polls.", no_args_is_help=True)
    for name, command in (
        ("list", list_feeds),
        ("add", add),
        ("remove", remove),
        ("import", feed_lists.import_opml),
        ("export", feed_lists.export_opml),
        ("test", try_feed),
    ):
        group.command(name)(command)
    app.add_typer(group, name="feeds")


def list_feeds(config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Every watched feed and how it does; addresses without subscribers' keys."""
    with store_or_none_yet(load_settings(config)) as store, store.read() as tx:
        found = [(feeds.shown(one.feed), one) for one in quiet.judged(tx)]
    if json_output:
        say_json([asdict(row) | one.document() for row, one in found])
        return
    now = wall_clock()
    for row, one in found:
        said = one.silence.sentence(now) if one.silence else row.last_error
        say(f"{one.state:8} {row.name:32} {row.url}  {said}")


def add(
    url: Annotated[str, typer.Argument(help="Address of the feed.")],
    name: Annotated[str, typer.Option(help="How the page calls it.")] = "",
    outlet: Annotated[
        str, typer.Option("--origin", help="The outlet; without it: by the address.")
    ] = "",
    interval: Annotated[
        int | None,
        typer.Option(min=SHORTEST_S, help="Seconds between polls; without it: as configured."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Watch one more feed; it stays when the configuration file changes."""
    settings, address = load_settings(config), fetchable(url)
    if not address:
        raise ConfigError(f"{url}: not a feed address; it must begin with http:// or https://")
    new = feed_lists.new_feed(Listed(address, name, outlet, interval), settings)
    with opened_store(settings) as store, store.write() as tx:
        feeds.add(tx, new, "added", wall_clock())
    say(f"added {without_secrets(address)}")


def remove(
    feed: Annotated[str, typer.Argument(help="Its address or name, as `feeds list` shows it.")],
    config: ConfigOption = None,
) -> None:
    """Stop polling a feed; its articles stay. One of the configuration is taken out there."""
    settings = load_settings(config)
    with existing_store(settings) as store, store.write() as tx:
        row = _meant(feeds.active(tx), feed)
        if row is None:
            print(f"downdraft: {feed}: not watched; see `downdraft feeds list`", file=sys.stderr)
            raise typer.Exit(1)
        _refuse_configured(row, settings, config)
        feeds.remove(tx, row.url)
    say(f"removed {without_secrets(row.url)}")


def _meant(rows: Sequence[FeedRow], given: str) -> FeedRow | None:
    """The feed of this address, or else the one that is shown by this address or name."""
    exact = [row for row in rows if row.url == given]
    found = exact or [
        row for row in rows if given in (feeds.shown(row).name, without_secrets(row.url))
    ]
    if len(found) > 1:
        raise ConfigError(f"{given}: {len(found)} feeds are shown so; give the whole address")
    return found[0] if found else None


def _refuse_configured(row: FeedRow, settings: Settings, config: Path | None) -> None:
    """The next start would bring it back."""
    if row.url in {entry.url for entry in settings.feeds}:
        place = str(config or "DOWNDRAFT_FEEDS")
    elif row.source == "config" and config is None:
        place = "the configuration that the daemon runs with"
    else:
        return
    raise ConfigError(f"{without_secrets(row.url)}: stands in {place}; take it out there")


def try_feed(url: str, config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Fetch and read one feed now; exit 1 where that fails."""
    document, parsed = _try(url, load_settings(config))
    if json_output:
        say_json(document)
    elif parsed is None:
        say(f"{url}: {document['error']}")
    else:
        say(f"{url}: {parsed.format}, {len(parsed.items)} articles, {parsed.title}")
        for item in parsed.items[:5]:
            say(f"    {item.title}")
    if parsed is None:
        raise typer.Exit(1)


def _try(url: str, settings: Settings) -> tuple[dict[str, Any], ParsedFeed | None]:
    from monitor.fetch import FeedRequest, Limits, fetch, make_client

    limits = Limits(timeout_s=settings.poll.timeout_s, max_bytes=settings.poll.max_bytes)
    now, parsed, error = wall_clock(), None, None
    with (
        make_client(settings.poll.allow_private, settings.poll.user_agent) as client,
        ParserProcess() as parser,
    ):
        try:
            got = fetch(client, FeedRequest(url), limits, now)
            parsed = parser.parse(got.body, got.content_type, got.final_url, now)
        except (FetchError, ParseError) as fault:
            error = str(fault)
    articles = len(parsed.items) if parsed else 0
    format_ = parsed.format if parsed else ""
    ok = parsed is not None
    return {"url": url, "ok": ok, "format": format_, "articles": articles, "error": error}, parsed
