"""The socket under every request: which addresses may be reached, and until when.

Feed URLs come from people and redirects from strangers, so addresses are judged after DNS, at the
moment of connecting: a name that resolves to the metadata service or to a neighbour's database is
refused, and rebinding the name later changes nothing. Reads obey one deadline for the whole
request, because a timeout per read lets a server drip one byte at a time for ever.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpcore2
import httpx2

from monitor.errors import FetchError

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # carries an IPv4 address in its last four bytes

SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything that this thread reads, writes or connects within must end in `seconds`."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def time_out() -> Iterator[None]:
    """What this thread waits for within does not count against its deadline."""
    begun = time.monotonic()
    yield
    until = _deadline.get()
    if until is not None:
        _deadline.set(until + time.monotonic() - begun)


def remaining(timeout: float | None = None) -> float | None:
    """Seconds left, never more than `timeout`; raises httpcore2.ReadTimeout when none are."""
    until = _deadline.get()
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the whole request took too long")
    return left if timeout is None else min(left, timeout)


class DeadlineStream(httpcore2.NetworkStream):
    """A stream whose every operation ends by the deadline of the thread that uses it."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, remaining(timeout))
        return DeadlineStream(inner)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to public addresses only, unless `allow_private`."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = resolve(host, port)
        if not self._allow_private:
            refuse_private(host, addresses)
        failure: Exception | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = remaining(timeout)  # a silent first address must not use up the whole time
            share = share and share / left
            try:
                stream = self._sockets.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream)
        raise failure or FetchError(f"{host} has no address", "dns")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host`, each once, in the resolver's order; FetchError("dns") for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{host} has no address: {error}", "dns") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def refuse_private(host: str, addresses: Iterable[str]) -> None:
    """FetchError("private_address") if one of the addresses is not for everyone."""
    for address in addresses:
        if not is_public(address):
            raise FetchError(
                f"{host} is the private address {address}; allow private addresses in the "
                "configuration if this feed is meant",
                "private_address",
            )


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, embedded IPv4 addresses included."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast


class GuardedTransport(httpx2.HTTPTransport):
    """httpx2's transport over our sockets. httpx2 has no argument for them, hence `_pool`."""

    def __init__(self, allow_private: bool, connections: int) -> None:
        super().__init__()
        self._pool.close()
        self._pool = httpcore2.ConnectionPool(
            # trust_env here only lets SSL_CERT_FILE name a company's own authority
            ssl_context=httpx2.create_ssl_context(trust_env=True),
            max_connections=connections,
            max_keepalive_connections=connections // 2,
            keepalive_expiry=30.0,
            network_backend=GuardedBackend(allow_private),
        )
