"""One conditional GET of one feed, with limits on time, size and redirects.

Both validators are sent, and a hash of the body is compared on top, since some publishers serve
the same ETag with new content and others a new one with the same (mediacloud/rss-fetcher).
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2

from monitor import network
from monitor.errors import FetchError
from monitor.http_headers import max_age_s, retry_at
from monitor.urls import host_of

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
Status = Literal["new", "not_modified", "same_body"]

_MOVED = frozenset({301, 302, 303, 307, 308})
_MOVED_FOR_GOOD = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """What to ask for, and what is already had ("" where nothing is)."""

    url: str
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """For one fetch, all redirects together. `max_bytes` counts after decompression."""

    timeout_s: float = 20.0
    max_bytes: int = 15_000_000
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """A publisher's answer. `moved_to` is set where permanent redirects (301, 308) led on."""

    status: Status
    body: bytes
    content_type: str
    etag: str
    last_modified: str
    body_hash: str
    final_url: str
    moved_to: str | None
    max_age_s: int | None


def make_client(allow_private: bool, user_agent: str, connections: int = 64) -> httpx2.Client:
    """A client that any number of threads may share.

    Proxies in the environment are not used: behind one the guard would judge the proxy's address
    instead of the feed's. Cookies are not kept: a feed's answer depends on its request alone.
    """
    return httpx2.Client(
        transport=network.GuardedTransport(allow_private, connections),
        headers={
            "User-Agent": user_agent,
            "Accept": ACCEPT,
            "Accept-Encoding": "gzip, deflate",
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )


def fetch(
    client: httpx2.Client,
    request: FeedRequest,
    limits: Limits,
    now: datetime,
    before_hop: Callable[[str], None] = lambda url: None,
) -> Fetched:
    """The feed's document, or the word that it has not changed; raises FetchError.

    Outcomes: timeout, dns, refused, tls, network, too_large, private_address, redirects, bad_url,
    encoding, http_3xx, http_4xx, http_5xx. `before_hop` may wait before the next URL is asked;
    that is not part of the time that a feed may take.
    """
    host = _host(request.url)
    try:
        with network.deadline(limits.timeout_s):
            return _follow(client, request, limits, now, before_hop)
    except (httpx2.TimeoutException, httpcore2.TimeoutException):
        message = f"{host} did not finish within {limits.timeout_s:g} s"
        raise FetchError(message, "timeout") from None
    except httpx2.HTTPError as error:
        raise FetchError(f"{host}: {_words(error)}", _outcome(error)) from None
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchError(f"{host} is no usable URL: {error}", "bad_url") from None


def _follow(
    client: httpx2.Client,
    request: FeedRequest,
    limits: Limits,
    now: datetime,
    before_hop: Callable[[str], None],
) -> Fetched:
    url, moved_to, permanent = request.url, None, True
    for _ in range(limits.max_redirects + 1):
        _check_scheme(url)
        question = client.build_request(
            "GET", url, headers=_validators(request), timeout=limits.timeout_s
        )
        response = client.send(question, stream=True)
        try:
            if response.status_code not in _MOVED:
                return _answer(response, request, limits, now, url, moved_to)
            permanent = permanent and response.status_code in _MOVED_FOR_GOOD
            url = _next_hop(response, url)
            moved_to = url if permanent else moved_to
        finally:
            response.close()
        with network.time_out():
            before_hop(url)
    raise FetchError(
        f"{_host(request.url)}: more than {limits.max_redirects} redirects", "redirects"
    )


def _host(url: str) -> str:
    """Messages name the host alone: paths and queries of private feeds hold tokens."""
    try:
        return urlsplit(url).hostname or "the feed's address"
    except ValueError:
        return "the feed's address"


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        scheme = urlsplit(url).scheme or "nothing"
        message = f"{_host(url)}: a feed is fetched by http or https, not by {scheme[:20]}"
        raise FetchError(message, "bad_url")


def _validators(request: FeedRequest) -> dict[str, str]:
    sent = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in sent.items() if value}


def _next_hop(response: httpx2.Response, url: str) -> str:
    location = response.headers.get("location", "")
    if not location:
        message = f"{_host(url)}: status {response.status_code} without a location"
        raise FetchError(message, "http_3xx")
    return urljoin(url, location)


def _answer(
    response: httpx2.Response,
    request: FeedRequest,
    limits: Limits,
    now: datetime,
    url: str,
    moved_to: str | None,
) -> Fetched:
    asked = bool(request.etag or request.last_modified)
    unchanged = response.status_code == 304 and asked
    if not unchanged and response.status_code != 200:
        raise _http_error(response, url, now)
    body = b"" if unchanged else _read(response, limits)
    digest = request.body_hash if unchanged else hashlib.sha256(body).hexdigest()
    if unchanged:
        status: Status = "not_modified"
    else:
        status = "same_body" if digest == request.body_hash else "new"
    return Fetched(
        status=status,
        body=body,
        content_type=response.headers.get("content-type", ""),
        etag=response.headers.get("etag", request.etag if unchanged else ""),
        last_modified=response.headers.get(
            "last-modified", request.last_modified if unchanged else ""
        ),
        body_hash=digest,
        final_url=url,
        moved_to=moved_to,
        max_age_s=max_age_s(response),
    )


def _read(response: httpx2.Response, limits: Limits) -> bytes:
    declared = response.headers.get("content-length", "")
    too_large = FetchError(
        f"{response.url.host}: larger than {limits.max_bytes} bytes", "too_large"
    )
    if declared.isdigit() and int(declared) > limits.max_bytes:
        raise too_large
    body = bytearray()
    for chunk in response.iter_bytes():  # at most 1 MiB each, however dense the compression
        body += chunk
        if len(body) > limits.max_bytes:
            raise too_large
        network.remaining()
    return bytes(body)


def _http_error(response: httpx2.Response, url: str, now: datetime) -> FetchError:
    status = response.status_code
    message = f"{_host(url)} answered {status} {response.reason_phrase}".rstrip()
    later = retry_at(response, now)
    busy = status == 429 or (status == 503 and later is not None)
    return FetchError(message, f"http_{status // 100}xx", later, host_of(url) if busy else "")


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _outcome(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.DecodingError):
        return "encoding"
    if isinstance(error, httpx2.UnsupportedProtocol):
        return "bad_url"
    if isinstance(error, httpx2.ConnectError):
        return "tls" if _from_tls(error) else "refused"
    return "network"


def _from_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
