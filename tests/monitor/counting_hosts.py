"""Loopback hosts, a port each, that count how many ask them at once and refuse as they are told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str]]
BODY = b"<rss version='2.0'><channel><title>News</title></channel></rss>"
PATIENCE_S = 10.0


class Hosts:
    """`most` holds the most requests that host number i ever had at once; `meet[i]`: a barrier at
    which its requests wait for each other; `reply(i, path)` is status and headers."""

    def __init__(self, many: int) -> None:
        self.reply: Callable[[int, str], Reply] = lambda host, path: (200, {})
        self.meet: dict[int, threading.Barrier] = {}
        self.most: Counter[int] = Counter()
        self.asked: list[tuple[int, str]] = []
        self._now: Counter[int] = Counter()
        self._lock = threading.Lock()
        self.servers = [
            ThreadingHTTPServer(("127.0.0.1", 0), self._handler(host)) for host in range(many)
        ]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, host: int, path: str) -> str:
        return f"http://127.0.0.1:{self.servers[host].server_address[1]}/{path}"

    def asked_of(self, host: int) -> list[str]:
        return [path for one, path in self.asked if one == host]

    def _came(self, host: int, path: str) -> None:
        with self._lock:
            self.asked.append((host, path))
            self._now[host] += 1
            self.most[host] = max(self.most[host], self._now[host])
        if host in self.meet:
            with suppress(threading.BrokenBarrierError):
                self.meet[host].wait(PATIENCE_S)

    def _left(self, host: int) -> None:
        with self._lock:
            self._now[host] -= 1

    def _handler(self, host: int) -> type[BaseHTTPRequestHandler]:
        hosts = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.strip("/")
                hosts._came(host, path)
                status, headers = hosts.reply(host, path)
                hosts._left(host)  # before the answer: whoever has it may ask again
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(BODY)))
                self.end_headers()
                self.wfile.write(BODY)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        return Handler


@contextmanager
def counting_hosts(many: int) -> Iterator[Hosts]:
    hosts = Hosts(many)
    try:
        yield hosts
    finally:
        for server in hosts.servers:
            server.shutdown()
            server.server_close()
