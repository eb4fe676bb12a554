"""Fetching over real loopback HTTP, from a publisher with every bad habit."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from bad_publisher import BODY, Outlet

from monitor.errors import FetchError
from monitor.fetch import FeedRequest, Limits, fetch, make_client

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
LIMITS = Limits(timeout_s=5.0, max_bytes=100_000, max_redirects=3)
HASTY = Limits(timeout_s=0.5, max_bytes=100_000, max_redirects=3)


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    made = Outlet()
    made.thread.start()
    yield made
    made.closing.set()
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with make_client(allow_private=True, user_agent="downdraft-test/1") as made:
        yield made


Failure = Callable[[str], FetchError]


@pytest.fixture
def failure(client: httpx2.Client, outlet: Outlet) -> Failure:
    def of(path: str, limits: Limits = LIMITS) -> FetchError:
        with pytest.raises(FetchError) as caught:
            fetch(client, FeedRequest(outlet.url(path)), limits, NOW)
        assert "\n" not in str(caught.value)
        return caught.value

    return of


def test_a_new_document_comes_with_all_that_the_next_request_needs(
    client: httpx2.Client, outlet: Outlet
) -> None:
    got = fetch(client, FeedRequest(outlet.url("feed")), LIMITS, NOW)
    assert (got.status, got.body, got.content_type) == ("new", BODY, "application/rss+xml")
    assert (got.etag, got.last_modified) == ('"v1"', "Tue, 04 Mar 2031 08:00:00 GMT")
    assert (got.max_age_s, got.moved_to, got.final_url) == (600, None, outlet.url("feed"))
    assert outlet.asked[0]["user-agent"] == "downdraft-test/1"
    assert "application/rss+xml" in outlet.asked[0]["accept"]
    assert "if-none-match" not in outlet.asked[0]


def test_both_validators_are_sent_and_304_keeps_them(client: httpx2.Client, outlet: Outlet) -> None:
    first = fetch(client, FeedRequest(outlet.url("feed")), LIMITS, NOW)
    again = FeedRequest(outlet.url("feed"), first.etag, first.last_modified, first.body_hash)
    second = fetch(client, again, LIMITS, NOW)
    assert (second.status, second.body) == ("not_modified", b"")
    assert (second.etag, second.last_modified, second.body_hash) == (
        first.etag,
        first.last_modified,
        first.body_hash,
    )
    assert outlet.asked[1]["if-modified-since"] == first.last_modified
    assert "cookie" not in outlet.asked[1]


def test_an_unchanged_body_behind_a_new_etag_is_recognised(
    client: httpx2.Client, outlet: Outlet
) -> None:
    first = fetch(client, FeedRequest(outlet.url("restless")), LIMITS, NOW)
    again = FeedRequest(outlet.url("restless"), first.etag, "", first.body_hash)
    second = fetch(client, again, LIMITS, NOW)
    assert second.status == "same_body"
    assert second.etag != first.etag


@pytest.mark.parametrize(
    ("path", "moved_to"),
    [
        ("hop/301/feed", "feed"),
        ("hop/308/301/feed", "feed"),
        ("hop/302/feed", None),
        ("hop/301/302/feed", "hop/302/feed"),
        ("hop/302/301/feed", None),
    ],
)
def test_only_an_unbroken_run_of_permanent_redirects_moves_a_feed(
    client: httpx2.Client, outlet: Outlet, path: str, moved_to: str | None
) -> None:
    got = fetch(client, FeedRequest(outlet.url(path)), LIMITS, NOW)
    assert got.body == BODY
    assert got.final_url == outlet.url("feed")
    assert got.moved_to == (moved_to and outlet.url(moved_to))


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("loop", "redirects"),
        ("hop/301/301/301/301/feed", "redirects"),
        ("to_file", "bad_url"),
        ("nowhere", "http_3xx"),
        ("status/304", "http_3xx"),
        ("status/404", "http_4xx"),
        ("status/410", "http_4xx"),
        ("status/500", "http_5xx"),
        ("bomb", "too_large"),
        ("boast", "too_large"),
        ("endless", "too_large"),
        ("broken_gzip", "encoding"),
        ("short", "network"),
        ("garbage", "network"),
    ],
)
def test_a_bad_habit_has_its_own_outcome(failure: Failure, path: str, outcome: str) -> None:
    assert failure(path).outcome == outcome


@pytest.mark.parametrize("path", ["drip", "drip_headers"])
def test_a_server_that_drips_is_left_at_the_deadline(
    client: httpx2.Client, outlet: Outlet, path: str
) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(client, FeedRequest(outlet.url(path)), HASTY, NOW)
    assert caught.value.outcome == "timeout"
    assert not outlet.closing.is_set()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", NOW + timedelta(minutes=2)),
        ("Tue,%2004%20Mar%202031%2013:00:00%20GMT", NOW + timedelta(hours=1)),
        ("Tue,%2004%20Mar%202031%2011:00:00%20GMT", NOW),
        ("soon", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_as_seconds_or_as_a_date(
    failure: Failure, status: int, header: str, expected: datetime | None
) -> None:
    assert failure(f"status/{status}/{header}").retry_at == expected


def test_compressed_answers_are_opened(client: httpx2.Client, outlet: Outlet) -> None:
    assert fetch(client, FeedRequest(outlet.url("gzip")), LIMITS, NOW).body == BODY


@pytest.mark.parametrize("url", ["ftp://x.example/", "", "feed", "http://[::1", "http://"])
def test_what_is_no_url_is_said(client: httpx2.Client, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(client, FeedRequest(url), LIMITS, NOW)
    assert caught.value.outcome == "bad_url"


def test_a_closed_port_is_refused(client: httpx2.Client) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/feed"
        with pytest.raises(FetchError) as caught:
            fetch(client, FeedRequest(url), HASTY, NOW)
    assert caught.value.outcome == "refused"


def test_plain_http_on_a_tls_address_is_a_tls_error(client: httpx2.Client, outlet: Outlet) -> None:
    url = outlet.url("feed").replace("http:", "https:")
    with pytest.raises(FetchError) as caught:
        fetch(client, FeedRequest(url), HASTY, NOW)
    assert caught.value.outcome == "tls"


def test_secrets_in_a_url_stay_out_of_the_message(failure: Failure) -> None:
    assert "s3cret" not in str(failure("status/500?token=s3cret"))


def test_one_client_serves_many_threads_each_with_its_own_deadline(
    client: httpx2.Client, outlet: Outlet
) -> None:
    def one(number: int) -> str:
        path, limits = ("drip", HASTY) if number % 4 == 0 else ("feed", LIMITS)
        try:
            return fetch(client, FeedRequest(outlet.url(path)), limits, NOW).status
        except FetchError as error:
            return error.outcome

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(24)))
    assert outcomes == ["timeout" if number % 4 == 0 else "new" for number in range(24)]


def test_private_addresses_are_refused_when_connecting_and_after_redirects(
    outlet: Outlet,
) -> None:
    port = outlet.server.server_port
    with make_client(allow_private=False, user_agent="t") as guarded:
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(FetchError) as caught:
                fetch(guarded, FeedRequest(f"http://{host}:{port}/feed"), LIMITS, NOW)
            assert caught.value.outcome == "private_address", host
    assert outlet.asked == []
