"""Titles a second through signature, find and add: python tests/bench/bench_stories.py [ARCHIVE].

ARCHIVE is a .jsonl.gz with `ts` and `title`; one core, a window of 48 hours.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from monitor.stories import StoryIndex, signature

DEFAULT = str(
    Path(__file__).resolve().parents[3] / "shared/data/archives/reuters_company_2011_2018.jsonl.gz"
)


def read_archive(path: str, limit: int) -> list[tuple[datetime, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in islice(lines, limit))
        return [
            (datetime.fromisoformat(row["ts"][:10]).replace(tzinfo=UTC), row["title"])
            for row in rows
        ]


def main(path: str, limit: int = 400_000) -> None:
    rows = read_archive(path, limit)
    index = StoryIndex(timedelta(hours=48))
    stories = 0
    start = time.perf_counter()
    for at, title in rows:
        made = signature(title)
        if index.find(made, at) is None:
            stories += 1
            index.add(stories, made, at)
    seconds = time.perf_counter() - start
    print(f"{len(rows)} titles, {stories} stories, {len(rows) / seconds:.0f} titles/s")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else DEFAULT)
