"""Parsing at arm's length: what hangs or swells takes a child with it, not the daemon."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.parse import parse
from monitor.parser_process import ParserProcess

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
BASE = "https://herald.example/rss.xml"
RSS = (
    b"<rss version='2.0'><channel><title>Herald</title><item><title>Acme \xe2\x82\xac</title>"
    b"<pubDate>Tue, 04 Mar 2031 06:00:00 GMT</pubDate></item></channel></rss>"
)
# feedparser's loose parser needs quadratic time for unclosed nested elements
HANGS = b"<rss version='2.0'><channel><item><title>" + b"<b>" * 200_000
SWELLS = b'{"items": [' + b'{"id": {"a": [[[[1]]]]}},' * 1_000_000 + b"1]}"


@pytest.fixture
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(children=1, time_limit_s=1.0, memory_bytes=300_000_000) as made:
        yield made


def children() -> list[int]:
    """Process ids of this process's children."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    if not (tasks / str(os.getpid()) / "children").exists():
        pytest.skip("this system does not list children under /proc")
    lists = [(task / "children").read_text().split() for task in tasks.iterdir()]
    return [int(pid) for pids in lists for pid in pids]


def test_a_child_gives_the_same_answer_as_parsing_here(parser: ParserProcess) -> None:
    assert parser.parse(RSS, "", BASE, NOW) == parse(RSS, "", BASE, NOW)


def test_a_document_that_is_no_feed_is_an_answer_not_a_restart(parser: ParserProcess) -> None:
    parser.parse(RSS, "", BASE, NOW)
    before = children()
    with pytest.raises(ParseError, match="an HTML page"):
        parser.parse(b"<html></html>", "", BASE, NOW)
    parser.parse(RSS, "", BASE, NOW)
    assert children() == before


def test_a_document_that_hangs_is_stopped_and_the_next_one_is_parsed(
    parser: ParserProcess,
) -> None:
    with pytest.raises(ParseError, match="needed more than 1 s"):
        parser.parse(HANGS, "", BASE, NOW)
    assert len(parser.parse(RSS, "", BASE, NOW).items) == 1


def test_a_document_that_swells_is_stopped_and_the_next_one_is_parsed() -> None:
    with ParserProcess(time_limit_s=20.0, memory_bytes=300_000_000) as parser:
        with pytest.raises(ParseError, match="memory"):
            parser.parse(SWELLS, "", BASE, NOW)
        assert len(parser.parse(RSS, "", BASE, NOW).items) == 1


def test_a_child_killed_from_outside_is_replaced(parser: ParserProcess) -> None:
    before = set(children())
    parser.parse(RSS, "", BASE, NOW)
    for child in set(children()) - before:
        os.kill(child, signal.SIGKILL)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert len(parser.parse(RSS, "", BASE, NOW).items) == 1


def test_many_threads_share_a_pool_and_no_child_outlives_it() -> None:
    before = set(children())
    with ParserProcess(children=2, time_limit_s=10.0) as parser, ThreadPoolExecutor(6) as pool:
        feeds = list(pool.map(lambda _: parser.parse(RSS, "", BASE, NOW), range(30)))
        assert len(set(children()) - before) == 2
    assert all(len(feed.items) == 1 for feed in feeds)
    assert set(children()) - before == set()


def test_a_child_sees_neither_our_environment_nor_the_model(parser: ParserProcess) -> None:
    before = set(children())
    parser.parse(RSS, "", BASE, NOW)
    (child,) = set(children()) - before
    environment = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    assert {entry.partition(b"=")[0] for entry in environment if entry} <= {
        b"PYTHONPATH",
        b"PYTHONUTF8",
    }
    assert "torch" not in Path(f"/proc/{child}/maps").read_text()
