"""Which addresses are for everyone."""

from __future__ import annotations

import pytest

from monitor.errors import FetchError
from monitor.network import is_public, refuse_private, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # the metadata service of most clouds
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_an_address_that_is_not_for_everyone_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    refuse_private("x.example", ["8.8.8.8"])
    with pytest.raises(FetchError, match=r"x\.example is the private address 10\.0\.0\.1"):
        refuse_private("x.example", ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300])
def test_a_name_without_an_address_is_a_dns_error(host: str) -> None:
    with pytest.raises(FetchError) as caught:
        resolve(host, 80)
    assert caught.value.outcome == "dns"
