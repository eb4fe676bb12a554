"""Verdicts as CSV: the log taken to another store and back, and other people's verdicts brought in.

The first columns are the contract's; the others keep what we noted beside a verdict, and may be
missing. Tokens are in none of them.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, get_args

from monitor.review.identity import verdict_id
from monitor.store.alert_log import Entry
from policy.errors import DataError
from policy.verdicts import LABELS, Answer, Reason, Verdict, Why

COLUMNS = (
    "text", "target", "head", "shown", "propensity", "selection", "analyst", "answer",
    "correction", "reason", "at",
)  # fmt: skip
NOTED = ("why", "checkpoint", "truth")
ALERT_COLUMNS = (
    "alert", "topic", "target", "kind", "raised_at", "analyst", "answer", "reason", "route", "at",
)  # fmt: skip

_LONGEST_NAME = 100  # names are shown on the wall and by `downdraft status`

_ANSWERS, _REASONS, _WHYS = get_args(Answer), get_args(Reason), get_args(Why)


def write_csv(file: TextIO, verdicts: Iterable[Verdict]) -> int:
    """Writes them as they come; returns how many."""
    return _write(file, (*COLUMNS, *NOTED), verdicts)


def write_alerts_csv(file: TextIO, entries: Iterable[Entry]) -> int:
    """The same of what was said of alerts, which is never read back."""
    return _write(file, ALERT_COLUMNS, entries)


def _write(file: TextIO, columns: Sequence[str], rows: Iterable[object]) -> int:
    usual = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    usual.writerow(columns)
    count = 0
    for one in rows:
        cells = [_cell(getattr(one, name)) for name in columns]
        # A carriage return ends a row for readers, but is not quoted for that by the writer.
        (quoted if any("\r" in cell for cell in cells) else usual).writerow(cells)
        count += 1
    return count


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def read_csv(path: Path) -> list[Verdict]:
    """Every row, each with an id of what it says, other columns ignored.

    Raises DataError: one line that names the file, the line and how to mend it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_verdicts(path, file))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a CSV of verdicts") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; check the path") from None


def _verdicts(path: Path, file: TextIO) -> Iterator[Verdict]:
    rows = csv.reader(file, strict=True)
    line = 1  # where the row begins: a quoted text may take several
    try:
        names = next(rows, [])
        _refuse_columns(path, names)
        line = rows.line_num + 1
        for cells in rows:
            if cells:
                yield _verdict(names, cells, f"{path}, line {line}")
            line = rows.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}, line {line}: not a CSV row: {error}; mend its quotes") from None


def _refuse_columns(path: Path, names: Sequence[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        near = difflib.get_close_matches(missing[0], names, n=1)
        hint = f"is it {near[0]!r}?" if near else f"found {', '.join(names)[:120] or 'none'}"
        raise DataError(
            f"{path}: no column {', '.join(missing)} ({hint}); the first line must name "
            + ",".join(COLUMNS)
        )


def _verdict(names: Sequence[str], cells: Sequence[str], where: str) -> Verdict:
    if len(cells) != len(names):
        raise DataError(
            f"{where}: {len(cells)} cells under {len(names)} columns; quote texts with commas"
        )
    row = dict(zip(names, cells, strict=True))
    fault = _fault(row)
    if fault:
        raise DataError(f"{where}: {fault}")
    noted: dict[str, Any] = {name: row[name] for name in NOTED if row.get(name)}
    said: dict[str, Any] = {name: row[name] for name in COLUMNS}
    said |= {"propensity": float(row["propensity"]), "selection": float(row["selection"])}
    unnamed = Verdict(id="", **said | {"at": _time(row["at"])}, **noted)
    return replace(unnamed, id=verdict_id(unnamed))


def _fault(row: dict[str, str]) -> str:
    """What is wrong with a row and how to mend it, "" where nothing is."""
    if any("\0" in cell for cell in row.values()):
        return "a cell holds a NUL; remove it"
    for name in ("text", "analyst"):
        if not row[name].strip():
            return f"no {name}; fill it in or remove the row"
    if not row["analyst"].isprintable() or len(row["analyst"]) > _LONGEST_NAME:
        return (
            f"analyst {row['analyst'][:40]!r} is no name: at most {_LONGEST_NAME} characters, all"
            " of them printable"
        )
    for name, known in (("head", tuple(LABELS)), ("answer", _ANSWERS), ("reason", _REASONS)):
        if row[name] not in known:
            return _unknown(name, row[name], known)
    if row.get("why") and row["why"] not in _WHYS:
        return _unknown("why", row["why"], _WHYS)
    return _misnamed(row) or _misnumbered(row) or _mistimed(row["at"])


def _misnamed(row: dict[str, str]) -> str:
    labels = LABELS[row["head"]]  # type: ignore[index]  # held to be one by _fault
    for name in ("shown", "correction", "truth"):
        if row.get(name) and row[name] not in labels:
            return _unknown(f"{name} {row['head']}", row[name], labels)
    return _contradicted(row)


def _contradicted(row: dict[str, str]) -> str:
    """As little as by the API may an answer say two things, or none."""
    answer, shown, correction = row["answer"], row["shown"], row["correction"]
    if answer == "confirm" and not shown:
        return "confirms a label, but `shown` is empty; name the label, or reject with a correction"
    if answer == "confirm" and correction not in ("", shown):
        return f"confirms {shown!r} and corrects it to {correction!r}; decide for one"
    if answer == "abstain" and correction:
        return f"abstains, but corrects to {correction!r}; decide for one"
    if answer == "reject" and not shown and not correction and row["reason"] != "neither":
        return "rejects, but neither `shown` nor `correction` names a label; name one"
    if answer == "reject" and shown and correction == shown:
        return f"rejects {shown!r} and corrects it to the same; confirm it, or name another"
    return ""


def _misnumbered(row: dict[str, str]) -> str:
    for name in ("propensity", "selection"):
        try:
            fits = 0 < float(row[name]) <= 1
        except ValueError:
            fits = False
        if not fits:
            return (
                f"{name} {row[name][:40]!r} is no probability in (0, 1]; "
                "write 1 where there was no choice"
            )
    return ""


def _mistimed(text: str) -> str:
    try:
        _time(text)
    except ValueError as fault:
        return f"at {text[:40]!r}: {fault}; write UTC as 2031-03-04T12:00:00Z"
    return ""


def _time(text: str) -> datetime:
    """Raises ValueError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("no time that can be read") from None
    if at.tzinfo is None:
        raise ValueError("has no zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the calendar") from None


def _unknown(name: str, value: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(value, known, n=1)
    others = "; ".join(word for word in known if word)
    hint = f"did you mean {near[0]!r}?" if near else f"use one of: {others}"
    return f"unknown {name} {value[:60]!r}; {hint}"
