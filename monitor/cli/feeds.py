"""feeds."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError, DataError, FetchError, ParseError
from monitor.parse import ParsedFeed
from monitor.parser_process import ParserProcess


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The feeds that the daemon polls.", no_args_is_help=True)
    for name, command in (
        ("list", list_feeds),
        ("add", add),
        ("remove", remove),
        ("import", import_opml),
        ("export", export_opml),
        ("test", try_feed),
    ):
        group.command(name)(command)
    app.add_typer(group, name="feeds")


def list_feeds(config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Every watched feed and how it does."""
    from monitor.cli.opening import opened_store
    from monitor.store import feeds

    with opened_store(load_settings(config)) as store, store.read() as tx:
        rows = feeds.active(tx)
    if json_output:
        say_json([asdict(row) for row in rows])
        return
    for row in rows:
        say(f"{row.state:8} {row.name:32} {row.url}  {row.last_error}")


def add(
    url: Annotated[str, typer.Argument(help="Address of the feed.")],
    name: Annotated[str, typer.Option(help="How the page calls it.")] = "",
    config: ConfigOption = None,
) -> None:
    """Watch one more feed; it stays when the configuration file changes."""
    _add(load_settings(config), [(name, url)])
    say(f"added {url}")


def remove(url: str, config: ConfigOption = None) -> None:
    """Stop polling a feed; its articles stay."""
    from monitor.cli.opening import opened_store
    from monitor.store import feeds

    with opened_store(load_settings(config)) as store, store.write() as tx:
        found = feeds.remove(tx, url)
    if not found:
        print(f"downdraft: {url}: not watched; see `downdraft feeds list`", file=sys.stderr)
        raise typer.Exit(1)
    say(f"removed {url}")


def import_opml(file: Path, config: ConfigOption = None) -> None:
    """Watch every feed of an OPML file."""
    from monitor.opml import read_opml

    try:
        found = read_opml(file.read_bytes())
    except (OSError, ParseError) as fault:
        raise DataError(f"{file}: {fault}; give an OPML file") from fault
    _add(load_settings(config), found)
    say(f"added {len(found)} feeds from {file}")


def export_opml(file: Path, config: ConfigOption = None) -> None:
    """Write the watched feeds to an OPML file."""
    from monitor.cli.opening import opened_store
    from monitor.opml import write_opml
    from monitor.store import feeds

    with opened_store(load_settings(config)) as store, store.read() as tx:
        rows = feeds.active(tx)
    file.write_bytes(write_opml([(row.name, row.url) for row in rows]))
    say(f"wrote {len(rows)} feeds to {file}")


def _add(settings: Settings, found: list[tuple[str, str]]) -> None:
    from monitor.cli.opening import opened_store
    from monitor.store import feeds
    from monitor.store.feeds import NewFeed
    from monitor.urls import origin

    for _, url in found:
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"{url}: not a feed address; it must begin with http:// or https://")
    with opened_store(settings) as store, store.write() as tx:
        for name, url in found:
            new = NewFeed(url, name or url, origin(url), settings.poll.interval_s)
            feeds.add(tx, new, "added", wall_clock())


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
