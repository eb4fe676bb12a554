"""backup, restore."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.clock import wall_clock
from monitor.config import load_settings

if TYPE_CHECKING:
    from monitor.backup.manifest import Manifest

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup: one tar file.")]


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    file: _File,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Copy the store and the checkpoints that it needs into FILE, while the daemon runs; exit 1
    where a checkpoint was not there to be copied. FILE holds keys: only its owner may read it."""
    from monitor.backup.making import back_up

    begin = time.perf_counter()
    made = back_up(load_settings(config), file.absolute(), wall_clock(), force)
    seconds = time.perf_counter() - begin
    document = _document(file, made.manifest, seconds) | {"bytes": made.size}
    if json_output:
        say_json(document)
    else:
        what = f"{file}: {_contents(made.manifest)}; {made.size:,} bytes"
        say(f"{what} in {seconds:.1f} s{_without(made.manifest)}")
    if made.manifest.missing:
        raise typer.Exit(1)


def restore(
    file: _File,
    force: Annotated[
        bool, typer.Option("--force", help="Give a SQLite store that is there another name.")
    ] = False,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Put what FILE holds into the configured store, which has to be empty and used by nobody,
    and its checkpoints into learn.folder."""
    from monitor.backup.restoring import restore as bring_back

    begin = time.perf_counter()
    done = bring_back(load_settings(config), file.absolute(), wall_clock(), force)
    seconds = time.perf_counter() - begin
    if json_output:
        now = {"schema_now": done.schema, "aside": str(done.aside) if done.aside else None}
        say_json(_document(file, done.manifest, seconds) | now)
        return
    since, before = done.manifest.schema, ""
    if done.aside:
        before = f"; what was there is now {done.aside}"
    after = f", brought to schema {done.schema}" if done.schema != since else ""
    what = f"restored as of {done.manifest.at}: {_contents(done.manifest)}{after}"
    say(f"{what}; in {seconds:.1f} s{before}{_without(done.manifest)}")


def _document(file: Path, manifest: Manifest, seconds: float) -> dict[str, Any]:
    return {
        "file": str(file),
        "at": manifest.at,
        "store": manifest.store,
        "schema": manifest.schema,
        "articles": manifest.counts.articles,
        "alerts": manifest.counts.alerts,
        "verdicts": manifest.counts.verdicts,
        "checkpoints": list(manifest.checkpoints),
        "missing": list(manifest.missing),
        "seconds": round(seconds, 3),
    }


def _contents(manifest: Manifest) -> str:
    counts, ids = manifest.counts, manifest.checkpoints
    with_ids = f", checkpoints {', '.join(ids)}" if ids else ""
    return (
        f"a {manifest.store} store at schema {manifest.schema} with {counts.articles:,} articles,"
        f" {counts.alerts:,} alerts, {counts.verdicts:,} verdicts{with_ids}"
    )


def _without(manifest: Manifest) -> str:
    return f"; WITHOUT {', '.join(manifest.missing)}" if manifest.missing else ""
