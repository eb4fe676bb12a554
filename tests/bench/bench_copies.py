"""How many real copies pass for new stories: python tests/bench/bench_copies.py [ARCHIVE].

ARCHIVE is a .jsonl.gz of one wire with `summary`. Headlines whose summaries open with the same
140 letters, a dateline among them, within three days are one story told again, under the same
title or another. Counted is how many of them were taken for new: by titles alone, and with ledes.
With ledes it is what is left where the opening words are at hand, since they also tell the truth.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from monitor.archive import Entry, read_archive
from monitor.headline_text import bare
from monitor.replay_stories import story_ids
from monitor.stories import STORY_WINDOW

DEFAULT = Path(__file__).resolve().parents[3] / "shared/data/archives"
OPENING, DATELINE = 140, 60
_GAPS = re.compile(r"[^a-z0-9]+")
_DATE = re.compile(r"\b(jan|feb|march|april|may|june|july|aug|sept?|oct|nov|dec) \d{1,2}\b")


def copies(entries: Sequence[Entry]) -> Iterator[tuple[int, bool]]:
    """Numbers of the copies, and whether each has a title that its story had not had before."""
    alike = defaultdict(list)
    for number, entry in enumerate(entries):
        text = _plain(entry.summary)[:OPENING]
        if len(text) == OPENING and _DATE.search(text[:DATELINE]):
            alike[text].append(number)
    for first, *later in alike.values():
        titles = {_plain(bare(entries[first].title))}
        for number in later:
            title = _plain(bare(entries[number].title))
            if entries[number].at - entries[first].at < STORY_WINDOW:
                yield number, title not in titles
            titles.add(title)


def _plain(text: str) -> str:
    return _GAPS.sub(" ", text.lower()).strip()


def main() -> None:
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    entries = sorted(
        read_archive(given or DEFAULT / "reuters_company_2011_2018.jsonl.gz"), key=lambda e: e.at
    )
    found = list(copies(entries))
    retitled = [number for number, another in found if another]
    print(
        f"{len(entries):,} headlines, {len(found):,} copies, {len(retitled):,} under another title"
    )
    without = [replace(entry, summary="") for entry in entries]
    for name, some in (("titles alone", without), ("titles and ledes", entries)):
        ids = story_ids(some, None)
        passed = sum(ids[number] == number for number, _ in found)
        other = sum(ids[number] == number for number in retitled)
        print(
            f"{name:18} {passed / len(found):.2%} of copies pass for new stories, "
            f"{other / len(retitled):.1%} of those under another title; {len(set(ids)):,} stories"
        )


if __name__ == "__main__":
    main()
