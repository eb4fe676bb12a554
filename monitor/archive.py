"""Archives of dated headlines: JSON lines, gzipped or not, one headline a line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from policy.errors import DataError

APART = timedelta(days=366)  # no archive of news is silent for a year
FEW = 0.01  # of its headlines


@dataclass(frozen=True, slots=True)
class Entry:
    """One headline of an archive."""

    at: datetime
    timed: bool  # False: only the day is known, `at` is its midnight
    title: str
    origin: str
    url: str
    names: tuple[str, ...]  # what the archive says it is about
    summary: str = ""


def read_archive(path: Path) -> Iterator[Entry]:
    """Entries as they stand in the file. Raises DataError naming the line."""
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _entry(line, f"{path}, line {number}")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give an archive of JSON lines") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; convert it first") from error
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def _open(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _entry(line: str, where: str) -> Entry:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON: {error.msg}; one object a line is needed") from None
    if not isinstance(row, dict):
        raise DataError(f'{where}: not an object; {{"ts": …, "title": …}} is needed')
    return entry_of(row, where)


def entry_of(row: dict[str, Any], where: str) -> Entry:
    """One headline from its fields. Raises DataError, beginning with `where`."""
    title, stamp = row.get("title"), row.get("ts")
    if not isinstance(title, str) or not isinstance(stamp, str):
        raise DataError(f"{where}: title and ts are needed, both texts")
    at, timed = parse_time(stamp, where)
    return Entry(
        at=at,
        timed=timed and row.get("precision") != "day",
        title=" ".join(title.split()),
        origin=_text(row.get("source")),
        url=_text(row.get("url")),
        names=_names(row.get("entity")),
        summary=_text(row.get("summary")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list | tuple) else [value]
    return tuple(name for name in given if isinstance(name, str))


def parse_time(text: str, where: str) -> tuple[datetime, bool]:
    """A time in UTC, and whether it says more than the day. Raises DataError."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DataError(f"{where}: {text!r} is no time; write 2022-06-13T02:10:00Z") from None
    return at, len(text.strip()) > len("2022-06-13")


def strays(entries: Sequence[Entry]) -> tuple[int, int]:
    """How many entries, of those in order of time, are dated a year or more before all the others,
    and how many after: clocks that stood at 1970 or 2038."""
    most = max(1, int(FEW * len(entries)))
    return _strays([e.at for e in entries], most), _strays([e.at for e in entries[::-1]], most)


def _strays(times: Sequence[datetime], most: int) -> int:
    """Counted from one end."""
    for number in range(min(most, len(times) - 1), 0, -1):
        if abs(times[number] - times[number - 1]) >= APART:
            return number
    return 0
