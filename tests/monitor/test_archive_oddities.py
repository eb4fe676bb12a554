"""Archives and lists of events as they come: marks, odd bytes, no words, dates at the ends."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.archive import Entry, read_archive
from monitor.events import read_events
from monitor.replay import Plan, play
from policy.errors import DataError
from policy.manifest import FALLBACK
from policy.opening import open_policy
from policy.types import TOPICS

DAY = datetime(2031, 3, 1, tzinfo=UTC)
LINE = '{"ts": "2031-03-01", "title": "Orsk Steel shares slump"}\n'


def one(tmp_path: Path, content: bytes, name: str = "a.jsonl") -> Entry:
    path = tmp_path / name
    path.write_bytes(content)
    (entry,) = read_archive(path)
    return entry


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.jsonl", b"\xef\xbb\xbf" + LINE.encode()),
        ("crlf.jsonl", LINE.replace("\n", "\r\n").encode()),
        ("ZIPPED.JSONL.GZ", gzip.compress(LINE.encode(), mtime=0)),
        ("zipped.jsonl", gzip.compress(LINE.encode(), mtime=0)),
        ("not-zipped.jsonl.gz", LINE.encode()),
    ],
)
def test_an_archive_is_read_whatever_wrote_it(tmp_path: Path, name: str, content: bytes) -> None:
    assert one(tmp_path, content, name).title == "Orsk Steel shares slump"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (LINE.encode() * 900 + b'{"ts": "2031-03-01", "title": "Caf\xe9"}', "line 901: not UTF-8"),
        (LINE.encode("utf-16"), "line 1: not UTF-8"),
        (LINE.encode() + b'{"n": ' + b"9" * 5000 + b"}", "line 2: a number or a nesting"),
        (LINE.encode() + b"[" * 100_000, "line 2: a number or a nesting"),
        (gzip.compress(LINE.encode() * 900, mtime=0)[:40] + b"\xff" * 60, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(DataError, match=complaint):
        list(read_archive(tmp_path / "a.jsonl"))


def test_titles_and_outlets_are_made_plain_as_those_of_feeds_are(tmp_path: Path) -> None:
    row = {"ts": "2031-03-01", "title": "Orsk\x1b[31m &amp; Co \ud83d slump", "source": "W\x00ire"}
    found = one(tmp_path, json.dumps(row).encode())
    assert (found.title, found.origin) == ("Orsk[31m & Co slump", "Wire")
    assert len(one(tmp_path, json.dumps(row | {"title": "long " * 9999}).encode()).title) <= 1000


def test_a_headline_without_words_is_told_by_its_summary(tmp_path: Path) -> None:
    row = {"ts": "2031-03-01", "title": " ", "summary": "Orsk halts its ferries. More follows."}
    assert one(tmp_path, json.dumps(row).encode()).title == "Orsk halts its ferries."


def dated(*times: datetime, timed: bool = True) -> list[Entry]:
    return [
        Entry(at, timed, f"Orsk opens mill {number}", "", "", ())
        for number, at in enumerate(times, start=1)
    ]


def replayed(entries: list[Entry], plan: Plan | None = None) -> tuple[int, list[str]]:
    """Number of bins, and what was said."""
    said: list[str] = []
    found = play(entries, open_policy(FALLBACK), plan or Plan(topics=TOPICS), say=said.append)
    return found.document["bins"], said


def test_entries_without_a_word_are_left_out_and_a_line_says_so() -> None:
    entries = dated(DAY, DAY + timedelta(days=1), timed=False)
    silent = [Entry(DAY, False, "", "", "", ()) for _ in range(3)]
    assert replayed(entries + silent) == (
        2,
        ["3 left out: neither title nor summary has a word"],
    )


def test_times_that_are_all_midnight_are_days() -> None:
    days = [DAY + timedelta(days=number) for number in range(3)]
    assert replayed(dated(*days)) == (3, [])
    assert replayed(dated(*days, days[-1] + timedelta(minutes=1))) == (49, [])


def test_a_few_days_among_times_make_days_and_a_line_says_so() -> None:
    entries = dated(DAY, timed=False) + dated(DAY + timedelta(hours=9), DAY + timedelta(hours=30))
    bins, said = replayed(entries)
    assert bins == 2
    assert said == ["1 of 3 headlines have a day without a time: bins are days"]


@pytest.mark.parametrize("year", [1, 9999])
def test_news_where_calendars_end_is_one_clear_line(year: int) -> None:
    days = [datetime(year, 6, day, tzinfo=UTC) for day in (1, 2)]
    with pytest.raises(DataError, match="where calendars end"):
        replayed(dated(*days))


def events(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffdate,sign,what\n2031-03-01,neg,halt\n",
        "date, sign, what\n2031-03-01, neg, halt\n",
        "id,date,time_utc,sign,what,more\n1,2031-03-01, ,neg,halt,,\n\n",
        "date,sign,what\n2031-03-01T10:00Z,neg,halt\n2031-03-02,pos\n2031-03-03\n",
    ],
)
def test_events_are_read_whatever_wrote_them(tmp_path: Path, text: str) -> None:
    (event,) = read_events(events(tmp_path, text))
    assert (event.day, event.time, event.what) == (DAY, None, "halt")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sign,what,date\nneg,halt\n", "line 2: '' is no time"),
        ("date;sign;what\n2031-03-01;neg;halt\n", "with commas between them"),
    ],
)
def test_events_that_cannot_be_dated_are_one_clear_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        read_events(events(tmp_path, text))


def test_events_that_are_not_utf_8_are_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes("date,sign,what\n2031-03-01,neg,Société\n".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8; convert it first"):
        read_events(path)
