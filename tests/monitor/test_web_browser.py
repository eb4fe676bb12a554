"""The wall in a real browser: it draws, it says nothing to the console, it outlives its server."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from web_rows import HOUR, NOW, add_story, client, newsroom

from monitor.store.engine import Store, open_store

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


class Flaky:
    """Passes requests on to `app`, but answers 503 to those visits of `/` that `refuses` names."""

    def __init__(self, app: ASGIApp, refuses: Callable[[int], bool]) -> None:
        self.app, self.refuses, self.visits = app, refuses, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/":
            self.visits += 1
            if self.refuses(self.visits):
                await send({"type": "http.response.start", "status": 503, "headers": []})
                await send({"type": "http.response.body", "body": b"away"})
                return
        await self.app(scope, receive, send)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


def visit(url: str, profile: Path, milliseconds: int) -> tuple[str, list[str]]:
    """The document after so much of the page's own time, and what the console was told."""
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --dump-dom "
        "--disable-background-networking --disable-component-update --disable-sync "
        "--enable-logging=stderr --window-size=1920,1080"
    ).split()
    command = [str(CHROMIUM), *flags, f"--user-data-dir={profile}"]
    command += [f"--virtual-time-budget={milliseconds}", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, re.findall(r'CONSOLE[^"]*"(.*)", source', done.stderr)


def banner(dom: str) -> str:
    found = re.search(r'id="connection"[^>]*>([^<]*)<', dom)
    assert found
    return found[1]


def test_the_chart_draws_and_the_console_stays_silent(store: Store, tmp_path: Path) -> None:
    newsroom(store)
    with store.write() as tx:
        add_story(tx, "<img src=x onerror=console.error('run')>", NOW - 0.1 * HOUR)
    with served(client(store).app) as url:
        dom, console = visit(url, tmp_path / "profile", 3000)
    assert console == []
    assert re.search(r'id="plot"[^>]* data-drawn="73"', dom)
    assert re.search(r"<canvas[^>]* width=\"[1-9]\d\d", dom)
    assert "share, last 3 h" in dom
    assert banner(dom) == ""


def test_a_lost_connection_is_said_and_what_was_there_stays(store: Store, tmp_path: Path) -> None:
    newsroom(store)
    with served(Flaky(client(store).app, lambda visits: visits > 1)) as url:
        dom, _ = visit(url, tmp_path / "profile", 8000)
    assert re.match(r"Connection lost since \d\d:\d\d:\d\d UTC\.", banner(dom))
    assert "Halvorsen Marine halts production" in dom


def test_the_page_goes_on_by_itself_when_the_server_is_back(store: Store, tmp_path: Path) -> None:
    newsroom(store)

    def away_once(visits: int) -> bool:
        if visits == 3:
            with store.write() as tx:
                add_story(tx, "Told after the restart", NOW - 0.1 * HOUR)
        return visits == 2

    with served(Flaky(client(store).app, away_once)) as url:
        dom, _ = visit(url, tmp_path / "profile", 13000)
    assert banner(dom) == ""
    assert "Told after the restart" in dom
