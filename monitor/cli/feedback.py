"""feedback export, import, alerts."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from monitor.cli.drafts import draft_of
from monitor.cli.opening import existing_store, opened_store
from monitor.cli.options import ConfigOption, JsonOption, progress_console, say, say_json
from monitor.clock import wall_clock
from monitor.config import load_settings
from monitor.errors import ConfigError
from monitor.store.engine import Transaction

_BATCH = 5_000


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What analysts said of labels and alerts.", no_args_is_help=True)
    group.command("export")(export_csv)
    group.command("import")(import_csv)
    group.command("alerts")(export_alerts_csv)
    app.add_typer(group, name="feedback")


def export_csv(
    file: Annotated[str, typer.Argument(help="A CSV file, or - for standard output.")],
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write every verdict on a label, in the order in which they came in."""
    from monitor.review.exchange import write_csv
    from monitor.store import verdicts

    _export(file, config, json_output, lambda out, tx: write_csv(out, verdicts.stream(tx)))


def export_alerts_csv(
    file: Annotated[str, typer.Argument(help="A CSV file, or - for standard output.")],
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write every verdict on an alert or a near-miss, those taken back later too."""
    from monitor.review.exchange import write_alerts_csv
    from monitor.store import alert_log

    _export(file, config, json_output, lambda out, tx: write_alerts_csv(out, alert_log.stream(tx)))


def _export(
    file: str, config: Path | None, json_output: bool, write: Callable[[TextIO, Transaction], int]
) -> None:
    if json_output and file == "-":
        raise ConfigError("--json: standard output takes the verdicts; give a file instead of -")
    with existing_store(load_settings(config)) as store, _writing(file) as out, store.read() as tx:
        count = write(out, tx)
    if json_output:
        say_json({"file": file, "verdicts": count})
    elif file == "-":
        progress_console.print(f"wrote {count:,} verdicts", highlight=False)
    else:
        say(f"wrote {count:,} verdicts to {file}")


def import_csv(
    file: Annotated[Path, typer.Argument(help="CSV with the columns that export writes.")],
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Add verdicts from a file, all or none; those that are known already stay as they are."""
    from monitor.review.exchange import read_csv
    from monitor.store import verdicts

    given = read_csv(file)
    now = wall_clock()
    with opened_store(load_settings(config)) as store, store.write() as tx:
        rows = iter(given)
        batches = iter(lambda: list(itertools.islice(rows, _BATCH)), [])
        added = sum(verdicts.add(tx, batch, now) for batch in batches)
    known = len(given) - added
    if json_output:
        say_json({"file": str(file), "verdicts": len(given), "added": added, "known": known})
        return
    say(f"added {added:,} verdicts from {file}" + (f"; {known:,} known already" if known else ""))


@contextmanager
def _writing(file: str) -> Iterator[TextIO]:
    """Standard output, or a draft that takes the file's place when it is whole."""
    if file == "-":
        yield sys.stdout
        return
    with draft_of(Path(file)) as draft, draft.open("w", encoding="utf-8", newline="") as out:
        yield out
