"""A publisher with every bad habit, over real loopback HTTP."""

from __future__ import annotations

import gzip
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


class Publisher(BaseHTTPRequestHandler):
    """Answers by path; keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    asked: list[dict[str, str]]
    closing: threading.Event

    def do_GET(self) -> None:
        self.asked.append({name.lower(): value for name, value in self.headers.items()})
        page, _, rest = self.path.strip("/").partition("/")
        with suppress(OSError):  # the client hung up, as it should
            getattr(self, f"page_{page}")(rest)

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page_feed(self, _: str) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            return self.reply(304)
        return self.reply(
            200,
            BODY,
            ETag='"v1"',
            Last_Modified="Tue, 04 Mar 2031 08:00:00 GMT",
            Content_Type="application/rss+xml",
            Cache_Control="public, max-age=600",
            Set_Cookie="session=1",
        )

    def page_restless(self, _: str) -> None:
        self.reply(200, BODY, ETag=f'"{len(self.asked)}"')

    def page_hop(self, rest: str) -> None:
        """/hop/301/302/feed: answers 301 to /hop/302/feed."""
        status, _, target = rest.partition("/")
        next_hop = f"/hop/{target}" if target[:1].isdigit() else f"/{target}"
        self.reply(int(status), Location=next_hop)

    def page_loop(self, _: str) -> None:
        self.reply(301, Location="/loop")

    def page_to_file(self, _: str) -> None:
        self.reply(302, Location="file:///etc/passwd")

    def page_nowhere(self, _: str) -> None:
        self.reply(302)

    def page_status(self, rest: str) -> None:
        status, _, retry_after = rest.partition("/")
        headers = {"Retry-After": retry_after.replace("%20", " ")} if retry_after else {}
        self.reply(int(status), b"no", **headers)

    def page_gzip(self, _: str) -> None:
        self.reply(200, gzip.compress(BODY), Content_Encoding="gzip")

    def page_bomb(self, _: str) -> None:
        bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
        self.reply(200, bomb, Content_Encoding="gzip")

    def page_broken_gzip(self, _: str) -> None:
        self.reply(200, b"\x1f\x8bnonsense", Content_Encoding="gzip")

    def page_boast(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "999999999")
        self.end_headers()

    def page_endless(self, _: str) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.closing.is_set():
            self.wfile.write(b"<item/>" * 1000)

    def page_drip(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.drip(b"x")

    def page_drip_headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drip(b"x")

    def page_short(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"cut")
        self.close_connection = True

    def page_garbage(self, _: str) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.close_connection = True

    def drip(self, byte: bytes) -> None:
        while not self.closing.wait(0.05):
            self.wfile.write(byte)
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that hang up in the middle are what these tests are about."""


class Outlet:
    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.closing = threading.Event()
        page = type("Page", (Publisher,), {"asked": self.asked, "closing": self.closing})
        self.server = Server(("127.0.0.1", 0), page)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{path}"
