"""The loopback publisher: serves a script's feeds and articles as they are at a virtual time."""

from __future__ import annotations

import gzip
import hashlib
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from monitor.newswire.documents import CONTENT_TYPES, render_article, render_feed
from monitor.newswire.newsroom import Newsroom, subscribed_path
from monitor.newswire.outlets import Outlet
from monitor.newswire.script import Script

RETRY_AFTER_SECONDS = 900
_IDLE_SECONDS = 30.0  # a kept-alive connection without a request


class Publisher:
    """A real HTTP/1.1 server on 127.0.0.1 with one feed an outlet.

    clock says the virtual time; it is asked once a request, from the server's threads. port 0
    takes any free one.
    """

    def __init__(self, script: Script, clock: Callable[[], datetime], port: int = 0) -> None:
        self._newsroom = Newsroom(script)
        self._server = _Server(("127.0.0.1", port), self._newsroom, clock)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        return self._server.base_url

    @property
    def feeds(self) -> tuple[tuple[str, str], ...]:
        """(outlet name, feed URL) of every outlet, as a reader would subscribe to them."""
        outlets = self._newsroom.script.outlets
        return tuple((o.name, self.base_url + subscribed_path(o)) for o in outlets)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close all connections; harmless if never started."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.hang_up()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class _Reply:
    status: HTTPStatus
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], newsroom: Newsroom, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(address, _Handler)
        self.newsroom, self.clock = newsroom, clock
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"
        self.connections: set[socket.socket] = set()

    def hang_up(self) -> None:
        """End the connections that clients keep alive, so that nobody is served after stop."""
        for connection in tuple(self.connections):
            _shut(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no news; anything else is a bug to show."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        newsroom, now = self.server.newsroom, self.server.clock()
        path = self.path.partition("?")[0]
        if path in newsroom.moved:
            self._send(_Reply(HTTPStatus.MOVED_PERMANENTLY, (("Location", newsroom.moved[path]),)))
        elif path in newsroom.feeds:
            self._answer_feed(newsroom.feeds[path], now)
        elif path in newsroom.articles and newsroom.articles[path].at <= now:
            publication = newsroom.articles[path]
            page = render_article(newsroom.outlets[publication.outlet], publication)
            self._send(_Reply(HTTPStatus.OK, (("Content-Type", "text/html; charset=utf-8"),), page))
        else:
            self._send(_Reply(HTTPStatus.NOT_FOUND))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demo's own output is the show."""

    def _answer_feed(self, outlet: Outlet, now: datetime) -> None:
        newsroom = self.server.newsroom
        if newsroom.is_dark(outlet, now):
            self._fail(sorted(newsroom.script.outage.outlets).index(outlet.slug))
            return
        publications = newsroom.latest(outlet, now)
        body = render_feed(outlet, publications, self.server.base_url)
        changed_at = publications[0].at if publications else newsroom.script.starts_at
        validators = _validators(outlet, body, changed_at)
        if self._has(dict(validators)):
            self._send(_Reply(HTTPStatus.NOT_MODIFIED, validators))
            return
        headers = (("Content-Type", CONTENT_TYPES[outlet.format]), *validators)
        if outlet.quirk == "gzip" and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers += (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        self._send(_Reply(HTTPStatus.OK, headers, body))

    def _has(self, validators: dict[str, str]) -> bool:
        """Whether the client's copy is current; an ETag outranks a date (RFC 9110 §13.2.2)."""
        known, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if not validators:
            return False
        if known is not None:
            return validators["ETag"] in [tag.strip() for tag in known.split(",")]
        if since is None:
            return False
        try:
            changed_at = parsedate_to_datetime(validators["Last-Modified"])
            return changed_at <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def _fail(self, way: int) -> None:
        """One of the three ways in which a site is down."""
        if way % 3 == 2:
            self.close_connection = True
            _shut(self.connection)
            return
        later = (("Retry-After", str(RETRY_AFTER_SECONDS)),) if way % 3 else ()
        self._send(_Reply(HTTPStatus.SERVICE_UNAVAILABLE, later))

    def _send(self, reply: _Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)


def _validators(outlet: Outlet, body: bytes, changed_at: datetime) -> tuple[tuple[str, str], ...]:
    if outlet.quirk == "no-validators":
        return ()
    tag = hashlib.sha256(body).hexdigest()[:20]
    return (("ETag", f'"{tag}"'), ("Last-Modified", format_datetime(changed_at, usegmt=True)))


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it may have gone by itself
        connection.shutdown(socket.SHUT_RDWR)
