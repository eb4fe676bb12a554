"""Polls per second, 200 feeds on 50 loopback hosts: python tests/bench/bench_poll.py [DELAY_MS].

Each port counts as a host. The first pass stores 3 articles a feed, the second is all 304.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context, sync_feeds
from monitor.demo import VirtualClock
from monitor.jobs.poll import poll
from monitor.pacing import Pace

HOSTS, FEEDS_EACH, ITEMS = 50, 4, 3


def document(port: int, path: str) -> bytes:
    """Headlines that share no words: telling stories apart is not what is measured."""
    draw = random.Random(f"{port}{path}")
    titles = [" ".join(f"{draw.getrandbits(40):x}" for _ in range(6)) for _ in range(ITEMS)]
    items = "".join(f"<item><title>{one}</title><guid>{one}</guid></item>" for one in titles)
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


async def serve(pipe: Connection, delay_s: float) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        while True:
            try:
                request = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return writer.close()
            await asyncio.sleep(delay_s)
            seen = b"if-none-match" in request.lower()
            body = b"" if seen else document(port, request.split()[1].decode())
            status = b"304 Not Modified" if seen else b"200 OK"
            head = b'HTTP/1.1 %s\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % (status, len(body))
            writer.write(head + body)
            await writer.drain()

    servers = [await asyncio.start_server(answer, "127.0.0.1", 0) for _ in range(HOSTS)]
    pipe.send([server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.Event().wait()


def run_server(pipe: Connection, delay_s: float) -> None:
    asyncio.run(serve(pipe, delay_s))


def one_pass(context: Context, what: str) -> None:
    start = time.perf_counter()
    while poll(context):
        pass
    seconds, feeds = time.perf_counter() - start, HOSTS * FEEDS_EACH
    print(f"{what}: {feeds} polls in {seconds:.2f} s, {feeds / seconds:.0f} a second", flush=True)


def main(delay_ms: float) -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=run_server, args=(theirs, delay_ms / 1000), daemon=True)
    server.start()
    clock = VirtualClock(datetime(2031, 3, 4, 12, tzinfo=UTC))
    urls = [f"http://127.0.0.1:{port}/{i}" for port in ours.recv() for i in range(FEEDS_EACH)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate(
            {
                "store": {"url": f"sqlite:///{folder}/bench.db"},
                "poll": {"allow_private": True},
                "feeds": [{"url": url} for url in urls],
            }
        )
        with open_context(settings, clock, object(), seed=1) as opened:  # type: ignore[arg-type]
            context = replace(opened, pace=Pace())  # with the gap that a real clock gets
            sync_feeds(context.store, settings, clock())
            for what in ("new", "not modified", "not modified"):
                one_pass(context, what)
                clock.advance(clock() + timedelta(hours=1))
    server.terminate()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 50)
