"""Seconds per feed document, here and in a child: python tests/bench/bench_parse.py [FOLDER]."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import ParseError
from monitor.parse import ParsedFeed, parse
from monitor.parser_process import ParserProcess

DEFAULT = str(Path(__file__).resolve().parents[3] / "shared/data/feeds")
Parser = Callable[[bytes, str, str, datetime], ParsedFeed]


def measure(name: str, parser: Parser, documents: list[tuple[str, bytes]], now: datetime) -> None:
    timings, items, dated, errors = [], 0, 0, 0
    for path, document in documents:
        start = time.perf_counter()
        try:
            feed = parser(document, "", "https://publisher.example/feed", now)
        except ParseError:
            errors += 1
        else:
            items += len(feed.items)
            dated += sum(item.published_at is not None for item in feed.items)
        timings.append((time.perf_counter() - start, path))
    slowest, total = max(timings), sum(seconds for seconds, _ in timings)
    print(
        f"{name}: {len(documents)} documents, {items} items, {dated / max(items, 1):.1%} dated, "
        f"{errors} refused, {total:.2f} s, slowest {slowest[0]:.3f} s ({slowest[1]})"
    )


def main(folder: str) -> None:
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    documents = [(path.name, path.read_bytes()) for path in paths]
    now = datetime.now(UTC)
    measure("here", parse, documents, now)
    with ParserProcess() as child:
        measure("child", child.parse, documents, now)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else DEFAULT)
