"""feeds import, feeds export: whole lists."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from monitor.cli.drafts import draft_of
from monitor.cli.opening import existing_store, opened_store
from monitor.cli.options import ConfigOption, say
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.errors import DataError, ParseError
from monitor.opml import Listed, read_opml, write_opml
from monitor.store import feeds
from monitor.store.feeds import NewFeed
from monitor.urls import feed_name, fetchable, origin, without_secrets


def import_opml(file: Path, config: ConfigOption = None) -> None:
    """Watch every feed of an OPML file; those that are watched already stay as they are."""
    try:
        found = read_opml(file.read_bytes())
    except (OSError, ParseError) as fault:
        raise DataError(f"{file}: {fault}; give an OPML file") from fault
    settings, usable = load_settings(config), _usable(found)
    with opened_store(settings) as store, store.write() as tx:
        known = {row.url for row in feeds.active(tx)}
        new = {one.url: one for one in usable if one.url not in known}
        for one in new.values():
            feeds.add(tx, new_feed(one, settings), "added", wall_clock())
    there, left = len(usable) - len(new), len(found) - len(usable)
    more = (f"; {there} were there already" if there else "") + (
        f"; {left} skipped" if left else ""
    )
    say(f"added {len(new)} feeds from {file}{more}")


def new_feed(given: Listed, settings: Settings) -> NewFeed:
    """A feed as it is watched, with what was not said of it filled in."""
    named = given.title not in ("", given.url)
    return NewFeed(
        given.url,
        given.title if named else feed_name(given.url),
        given.origin or origin(given.url),
        given.interval_s or settings.poll.interval_s,
    )


def _usable(found: list[Listed]) -> list[Listed]:
    """Those that can be fetched, by the address that is fetched; a line for each other."""
    usable = []
    for one in found:
        if url := fetchable(one.url):
            title = "" if one.title == one.url else one.title
            usable.append(replace(one, url=url, title=title))
        else:
            shown = without_secrets(one.url)
            print(f"downdraft: {shown}: skipped: neither http:// nor https://", file=sys.stderr)
    return usable


def export_opml(file: Path, config: ConfigOption = None) -> None:
    """Write the watched feeds to an OPML file that you alone may read (mode 0600): their addresses
    hold subscribers' keys."""
    with existing_store(load_settings(config)) as store, store.read() as tx:
        rows = feeds.active(tx)
    listed = [Listed(row.url, feeds.shown(row).name, row.origin, row.interval_s) for row in rows]
    with draft_of(file) as draft, open(draft, "wb", opener=_for_us_alone) as out:
        out.write(write_opml(listed))
    say(f"wrote {len(rows)} feeds to {file}")


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
