"""A newsroom on loopback: feeds over HTTP, a mailbox, a webhook, and a daemon's world."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from crisis_news import QUIET
from word_list import WordList

from alerts.catcher import HookCatcher, MailCatcher
from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context, sync_feeds, tick
from monitor.demo import VirtualClock
from monitor.jobs import JOBS

SECRET = "whsec_" + "c3Rvcmllcy1mb3ItdGVzdHMtb25seS0xMjM0"


def guid(name: str, title: str) -> str:
    return f"{name}-{zlib.crc32(title.encode()):08x}"


class Newsstand:
    """Feeds at /<name>; what they say and how they fail is set while it runs."""

    def __init__(self) -> None:
        self.titles: dict[str, list[str]] = {}
        self.broken: dict[str, tuple[int, bytes]] = {}
        self.later_s: dict[str, int] = {}  # what the broken say of when to come back
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def guids(self) -> list[str]:
        """Those of everything on sale now."""
        return [guid(name, title) for name, titles in self.titles.items() for title in titles]

    def feed(self, name: str) -> bytes:
        items = "".join(
            f"<item><title>{escape(title)}</title><guid>{guid(name, title)}</guid></item>"
            for title in self.titles[name]
        )
        return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                name = self.path.strip("/")
                stand.asked.append((name, dict(self.headers)))
                status, body = stand.broken.get(name) or (200, stand.feed(name))
                self.send_response(status)
                if name in stand.later_s:
                    self.send_header("retry-after", str(stand.later_s[name]))
                self.send_header("content-type", "application/rss+xml")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        return Handler


@pytest.fixture
def newsstand() -> Iterator[Newsstand]:
    stand = Newsstand()
    yield stand
    stand.close()


@pytest.fixture
def clock(noon: datetime) -> VirtualClock:
    return VirtualClock(noon)


@pytest.fixture
def hooks(clock: VirtualClock) -> Iterator[HookCatcher]:
    with HookCatcher(clock, SECRET) as catcher:
        yield catcher


@pytest.fixture
def mails(clock: VirtualClock) -> Iterator[MailCatcher]:
    with MailCatcher(clock) as catcher:
        yield catcher


World = Callable[..., AbstractContextManager[Context]]
Turn = Callable[[Context, VirtualClock, timedelta], None]


@pytest.fixture
def world(
    tmp_path: Path,
    newsstand: Newsstand,
    clock: VirtualClock,
    hooks: HookCatcher,
    mails: MailCatcher,
) -> World:
    """Opens the daemon's world on the newsstand's feeds, as often as it is called."""

    @contextmanager
    def opened(url: str = f"sqlite:///{tmp_path / 'world.db'}") -> Iterator[Context]:
        settings = settings_for(newsstand, hooks, mails, url)
        with open_context(settings, clock, WordList(), seed=1) as context:
            sync_feeds(context.store, settings, clock())
            yield context

    return opened


def settings_for(
    newsstand: Newsstand, hooks: HookCatcher, mails: MailCatcher, url: str
) -> Settings:
    mail = {
        "kind": "email", "name": "mail", "host": "127.0.0.1", "port": mails.port,
        "security": "none", "sender": "a@x.example", "recipients": ["b@x.example"],
    }  # fmt: skip
    hook = {"kind": "webhook", "name": "hook", "url": hooks.url, "secret": SECRET}
    names = sorted(newsstand.titles)
    return Settings.model_validate(
        {
            "store": {"url": url},
            "poll": {"interval_s": 600, "allow_private": True, "timeout_s": 5},
            "detect": {
                "alarms_per_week": 20.0,
                "topics": ["Legal | Regulation"],
                "coverage_alarms_per_week": 0,  # `seasoned` again tells nothing new: silence
            },
            "feeds": [{"url": f"{newsstand.url}/{n}", "name": n, "origin": n} for n in names],
            "watch": [{"name": "Halvorsen Marine", "aliases": ["Halvorsen"]}],
            "receivers": [mail, hook],
        }
    )


PLACES = "Orsk Varna Lyon Turku Malmo Porto Graz Bergen Leeds Ghent Cork Basel".split()
MATTERS = "clearing custody listing audit pension freight mining port rail water grid grain".split()


def quiet_titles(hour: int) -> list[str]:
    """Five headlines that nobody minds, no two alike over days; one in five is bad news."""
    place, matter = PLACES[hour % 12], MATTERS[(hour // 12 + hour) % 12]
    return [
        f"Regulator publishes {matter} consultation for {place}",
        f"Court hearing in {place} {matter} patent case set for spring, judge says",
        f"Halvorsen Marine signs {matter} contract with {place}",
        f"{place} {matter} exports steady as ministers meet",
        f"Lawsuit over {place} {matter} tariffs",
    ]


@pytest.fixture
def seasoned(newsstand: Newsstand, clock: VirtualClock, turn: Turn) -> Callable[[Context], None]:
    """Gives a world two quiet days of news, so that it knows what is usual."""

    def lived(context: Context) -> None:
        first = newsstand.titles["tidewater"]
        for hour in range(48):
            newsstand.titles["tidewater"] = [*first, *quiet_titles(hour)]
            turn(context, clock, timedelta(hours=1))

    return lived


@pytest.fixture
def turn() -> Turn:
    """Moves the clock on and lets every job work until it has nothing left."""

    def turned(context: Context, clock: VirtualClock, by: timedelta) -> None:
        clock.advance(clock() + by)
        for job in JOBS:
            while tick(context, job):
                pass

    return turned


@pytest.fixture
def papers(newsstand: Any) -> Any:
    newsstand.titles = {"tidewater": QUIET[:3], "granary": QUIET[3:]}
    return newsstand
