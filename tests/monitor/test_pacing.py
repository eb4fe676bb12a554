"""Whose turn it is, on a clock that waiting moves."""

from __future__ import annotations

import threading

import pytest

from monitor.pacing import Pace, Turn, fair_share, next_turn
from monitor.urls import host_of


class Waiting(threading.Condition):
    """Waiting takes no time: it moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 100.0

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None, "would wait for ever"
        self.at += timeout
        return True


def paced(at_once: int = 2) -> tuple[Pace, Waiting]:
    waiting = Waiting()
    return Pace(0.25, at_once, now=lambda: waiting.at, changed=waiting), waiting


def test_starts_at_one_host_keep_their_distance_and_others_go_first_meanwhile() -> None:
    pace, clock = paced()
    queue = [("a", 1), ("a", 2), ("b", 3), ("a", 4)]
    starts = []
    while taken := pace.take(queue):
        starts.append((taken[1], clock.at - 100))
        pace.leave(taken[0])
    assert starts == [(1, 0.0), (3, 0.0), (2, 0.25), (4, 0.5)]


def test_a_host_that_two_ask_is_asked_by_no_third_until_one_leaves() -> None:
    pace, clock = paced()
    queue = [("a", 1), ("a", 2), ("a", 3), ("b", 4)]
    assert [pace.take(queue), pace.take(queue), pace.take(queue)] == [("a", 1), ("b", 4), ("a", 2)]
    with pytest.raises(AssertionError, match="for ever"):
        pace.take(queue)
    pace.leave("a")
    assert pace.take(queue) == ("a", 3)
    assert clock.at == 100.5
    assert pace.take(queue) is None


def test_whoever_is_sent_away_waits_no_longer() -> None:
    pace, _ = paced()
    queue = [("a", 1), ("b", 2), ("a", 3)]
    pace.send_away(queue, "a")
    assert queue == [("b", 2)]
    pace.send_away(queue)
    assert pace.take(queue) is None


def test_a_turn_that_moves_on_frees_the_host_it_leaves() -> None:
    pace, clock = paced(at_once=1)
    with next_turn(pace, [("a.example", 1)]) as taken:
        assert taken is not None
        taken[1].move("https://a.example/elsewhere")  # the same host: goes on at once
        assert clock.at == 100.0
        taken[1].move("https://b.example/feed")
        assert pace.take([("a.example", 2)]) == ("a.example", 2)
        with pytest.raises(AssertionError, match="for ever"):
            pace.take([("b.example", 3)])
    assert pace.take([("b.example", 3)]) == ("b.example", 3)


def test_a_hop_waits_for_its_host_too() -> None:
    pace, clock = paced()
    pace.take([("b.example", 1)])
    pace.take([("a.example", 2)])
    Turn(pace, "a.example").move("http://b.example/feed")
    assert clock.at == 100.25


def test_every_host_has_its_first_before_any_has_its_second() -> None:
    hosts = ["a", "a", "a", "b", "a", "c", "b"]
    assert fair_share(hosts, 10, per_host=2) == [0, 3, 5, 1, 6]
    assert fair_share(hosts, 4, per_host=9) == [0, 3, 5, 1]
    assert fair_share([], 4, 2) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.example/feed", "a.example"),
        ("http://a.example:80/feed", "a.example"),
        ("https://a.example:443/feed", "a.example"),
        ("http://user:key@a.example.:1200/x", "a.example:1200"),
        ("http://127.0.0.1:99/x", "127.0.0.1:99"),
        ("http://a.example:port/", ""),
        ("nothing", ""),
    ],
)
def test_a_host_is_a_name_and_a_port_that_is_not_the_usual_one(url: str, host: str) -> None:
    assert host_of(url) == host
