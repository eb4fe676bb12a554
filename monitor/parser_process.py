"""Parsing at arm's length: children that can be killed, with limits on time and memory.

A feed document is a stranger's input to a large parser. A document that hangs or swells takes a
child with it, never the daemon. Children are started by exec, not fork, so they hold neither the
model nor the store nor any secret of the environment; both directions speak length-prefixed JSON
and raw bytes, so that nothing that a child says can run code here.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from monitor.errors import ParseError
from monitor.parse import ParsedFeed, parse
from monitor.types import Item

_LENGTH = struct.Struct(">Q")
_START_LIMIT_S = 60.0  # a cold disk may take this long to load the parser
_CODE = "from monitor.parser_process import serve; serve()"


class ParserProcess:
    """`parse` in a pool of children; threads may share it. Use it as a context manager.

    Raises ParseError where a document is no feed, needs more than `time_limit_s` seconds or
    `memory_bytes` of address space. Children start when first needed and after each kill.
    """

    def __init__(
        self, children: int = 1, time_limit_s: float = 20.0, memory_bytes: int = 1_000_000_000
    ) -> None:
        self._limits = (time_limit_s, memory_bytes)
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(children):
            self._idle.put(None)
        self._count = children

    def __enter__(self) -> ParserProcess:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for _ in range(self._count):
            if child := self._idle.get():
                child.stop()

    def parse(self, document: bytes, content_type: str, base_url: str, now: datetime) -> ParsedFeed:
        """As monitor.parse.parse, in a child."""
        question = {"content_type": content_type, "base_url": base_url, "now": now.isoformat()}
        with self._child() as child:
            answer = child.ask(json.dumps(question).encode(), document)
        if "error" in answer:
            raise ParseError(answer["error"])
        return _parsed(answer)

    @contextmanager
    def _child(self) -> Iterator[_Child]:
        child = self._idle.get()
        try:
            if child and not child.alive():
                child.stop()
                child = None
            child = child or _Child(*self._limits)
            yield child
        finally:
            self._idle.put(child)


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, time_limit_s: float, memory_bytes: int) -> None:
        self._time_limit_s = time_limit_s
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE, str(time_limit_s), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONUTF8": "1"},
            start_new_session=True,  # Ctrl-C in the terminal is the daemon's to handle
        )
        self._started = False

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: bytes, document: bytes) -> dict[str, Any]:
        """The child's answer, or an "error" saying that it had to be killed."""
        try:
            if not self._started:
                with self._killed_after(_START_LIMIT_S):
                    _receive(self._output)
                self._started = True
            with self._killed_after(self._time_limit_s):
                _send(self._input, question)
                _send(self._input, document)
                return dict(json.loads(_receive(self._output)))
        except (EOFError, OSError):
            self.stop()
            limit = f"{self._time_limit_s:g} s or the memory limit"
            return {"error": f"the parser was stopped: the document needed more than {limit}"}

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._input, self._output):
            with suppress(OSError):  # unsent bytes for a child that is gone
                pipe.close()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        """Blocking reads need no time-out of their own: the kill ends them."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _send(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(_LENGTH.pack(len(frame)))
    pipe.write(frame)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    size = _LENGTH.unpack(head)[0]
    frame = pipe.read(size)
    if len(frame) < size:
        raise EOFError
    return frame


def serve() -> None:
    """The child: answers documents on standard input until it closes."""
    time_limit_s, memory_bytes = float(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not write into the answers
    with suppress(ValueError, OSError):  # not every system knows the limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _send(answers, b"ready")
    while True:
        try:
            question, document = _receive(sys.stdin.buffer), _receive(sys.stdin.buffer)
        except EOFError:
            return
        signal.alarm(int(time_limit_s) + 5)  # for a child whose parent was killed meanwhile
        _send(answers, json.dumps(_answer(json.loads(question), document)).encode())
        signal.alarm(0)


def _answer(question: dict[str, str], document: bytes) -> dict[str, Any]:
    now = datetime.fromisoformat(question["now"])
    try:
        parsed = parse(document, question["content_type"], question["base_url"], now)
    except ParseError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "the document needs more memory than the parser may have"}
    return asdict(parsed) | {"items": [_plain_item(item) for item in parsed.items]}


def _plain_item(item: Item) -> dict[str, Any]:
    at = item.published_at
    return asdict(item) | {"published_at": at.isoformat() if at else None}


def _parsed(answer: dict[str, Any]) -> ParsedFeed:
    return ParsedFeed(**answer | {"items": tuple(_item(fields) for fields in answer["items"])})


def _item(fields: dict[str, Any]) -> Item:
    at = fields["published_at"]
    return Item(**fields | {"published_at": datetime.fromisoformat(at) if at else None})
