"""The systemd unit: it waits until the daemon serves, and restarts one that hangs."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from monitor.supervisor import supervisor_of

UNIT = Path(__file__).resolve().parents[2] / "deploy" / "downdraft.service"


@pytest.fixture(scope="module")
def unit() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        key, given, value = line.partition("=")
        if given and not line.startswith("#"):
            found[key].append(value)
    return found


def test_the_unit_waits_for_the_daemons_word_and_restarts_it(unit: dict[str, list[str]]) -> None:
    assert unit["Type"] == ["notify"]
    assert unit["NotifyAccess"] == ["main"]
    assert unit["Restart"] == ["always"]
    assert "AF_UNIX" in unit["RestrictAddressFamilies"][0].split()  # the word goes that way


def test_the_watchdog_waits_for_at_least_two_words(unit: dict[str, list[str]]) -> None:
    (seconds,) = map(int, unit["WatchdogSec"])
    assert supervisor_of({"WATCHDOG_USEC": f"{seconds}000000"}).wait_s(30) * 2 <= seconds
