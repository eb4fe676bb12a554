"""parse."""

from __future__ import annotations

import gzip
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from alerts.wording import rfc3339
from monitor.cli.options import JsonOption, say, say_json
from monitor.clock import wall_clock
from monitor.errors import DataError, ParseError
from monitor.parser_process import ParserProcess
from monitor.types import Item


def register(app: typer.Typer) -> None:
    app.command()(parse)


def parse(
    files: Annotated[list[Path], typer.Argument(help="Feed documents; .gz is opened.")],
    show_articles: Annotated[bool, typer.Option("--articles", help="Also each article.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Read feed documents as the daemon would, without the network; a line per file."""
    missing = [str(file) for file in files if not file.is_file()]
    with ParserProcess() as parser:
        for file in files:
            document, items = _parse_one(parser, file)
            if show_articles:
                document["items"] = [asdict(item) for item in items]
            say_json(document) if json_output else _print(document, items, show_articles)
    if missing:
        raise DataError(f"{', '.join(missing)}: no file there; give paths of feed documents")


def _parse_one(parser: ParserProcess, file: Path) -> tuple[dict[str, Any], tuple[Item, ...]]:
    start = time.perf_counter()
    answer: dict[str, Any] = {"file": str(file), "ok": False, "format": "", "articles": 0}
    items: tuple[Item, ...] = ()
    error = ""
    try:
        parsed = parser.parse(_read(file), "", "", wall_clock())
        items = parsed.items
        answer |= {"ok": True, "format": parsed.format, "articles": len(items)}
        answer |= {"title": parsed.title, "dropped": parsed.dropped, "note": parsed.note}
    except (ParseError, OSError, EOFError) as fault:
        error = str(fault)
    seconds = round(time.perf_counter() - start, 6)
    return answer | {"error": error or None, "seconds": seconds}, items


def _read(file: Path) -> bytes:
    if file.suffix != ".gz":
        return file.read_bytes()
    try:
        with gzip.open(file) as stream:
            return stream.read(50_000_000)
    except gzip.BadGzipFile:
        return file.read_bytes()  # named .gz but not compressed: publishers do that too


def _print(document: dict[str, Any], items: tuple[Item, ...], show_articles: bool) -> None:
    if document["ok"]:
        say(f"{document['file']}: {document['format']}, {document['articles']} articles")
    else:
        say(f"{document['file']}: {document['error']}")
    for item in items if show_articles else ():
        at = rfc3339(item.published_at) if item.published_at else "no date"
        say(f"    {at:20}  {item.title}")
