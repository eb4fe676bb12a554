"""Archives of dated headlines: JSON lines, gzipped or not, one headline a line."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from monitor.parse import MAX_TITLE
from monitor.plain import first_sentence, plain
from policy.errors import DataError

_GZIP = b"\x1f\x8b"
_MAX_OUTLET = 200
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
        with _opened(path) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.isspace():
                    yield _entry(line, f"{path}, line {number}")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give an archive of JSON lines") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Gzipped or not, whatever its name says."""
    with path.open("rb") as file:
        zipped = file.peek(len(_GZIP)).startswith(_GZIP)
        yield io.BufferedReader(gzip.GzipFile(fileobj=file)) if zipped else file


def _entry(line: bytes, where: str) -> Entry:
    try:
        row = json.loads(line.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8 at byte {error.start}; convert it first") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON: {error.msg}; one object a line is needed") from None
    except (ValueError, RecursionError):
        raise DataError(f"{where}: a number or a nesting beyond all reason; mend it") from None
    if not isinstance(row, dict):
        raise DataError(f'{where}: not an object; {{"ts": …, "title": …}} is needed')
    return entry_of(row, where)


def entry_of(row: dict[str, Any], where: str) -> Entry:
    """One headline from its fields, made plain as those of feeds are; one without words is told
    by its summary. Raises DataError, beginning with `where`."""
    title, stamp = row.get("title"), row.get("ts")
    if not isinstance(title, str) or not isinstance(stamp, str):
        raise DataError(f"{where}: title and ts are needed, both texts")
    at, timed = parse_time(stamp, where)
    summary = _text(row.get("summary"))
    return Entry(
        at=at,
        timed=timed and row.get("precision") != "day",
        title=plain(title, MAX_TITLE) or first_sentence(plain(summary, MAX_TITLE)),
        origin=_outlet(_text(row.get("source"))),
        url=_text(row.get("url")),
        names=_names(row.get("entity")),
        summary=summary,
    )


@lru_cache
def _outlet(source: str) -> str:
    return plain(source, _MAX_OUTLET)


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
