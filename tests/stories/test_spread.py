"""A crisis that grows after it was told is told of again, but not by the hour, and not to those
who are on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from word_list import WordList

from alerts.catcher import HookCatcher, MailCatcher
from alerts.types import Alert, Status
from monitor.acknowledging import acknowledge, who_was_on
from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context, sync_feeds
from monitor.demo import VirtualClock
from monitor.store import alerts

BIN = timedelta(hours=4)
SECRET = "whsec_" + "c3Rvcmllcy1mb3ItdGVzdHMtb25seS0xMjM0"  # as the fixture `hooks` has it
PLACES = "Orsk Varna Lyon Turku Malmo Porto Graz Bergen Leeds Ghent Cork Basel".split()
MATTERS = "clearing custody listing audit pension freight mining port rail water grid grain".split()
FEEDS = ("granary", "tidewater")
Turn = Callable[[Context, VirtualClock, timedelta], None]
Look = Callable[[Context], object]


def _quiet(turn: int, feed: str) -> list[str]:
    """Four headlines, one of them bad news, no two alike over weeks."""
    place, matter = PLACES[turn % 12], MATTERS[(turn // 12 + turn) % 12]
    return [
        f"{place} {feed} council number {97 * turn} votes on {matter} budget",
        f"Court hearing number {31 * turn} in {place} {matter} {feed} patent case set for spring",
        f"{matter} exports of {place} steady, {feed} count {17 * turn} says",
        f"Lawsuit number {13 * turn} over {place} {matter} tariffs in {feed}",
    ]


def _bad(turn: int, feed: str, many: int) -> list[str]:
    return [
        f"{PLACES[n % 12]} lender sued over {MATTERS[(turn + n) % 12]} fraud, {feed} file {7 * n}"
        for n in range(turn * 100, turn * 100 + many)
    ]


@pytest.fixture
def settings(newsstand: Any, hooks: HookCatcher, mails: MailCatcher, tmp_path: Any) -> Settings:
    newsstand.titles = {name: [] for name in FEEDS}
    mail = {
        "kind": "email", "name": "mail", "host": "127.0.0.1", "port": mails.port,
        "security": "none", "sender": "a@x.example", "recipients": ["b@x.example"],
    }  # fmt: skip
    hook = {"kind": "webhook", "name": "hook", "url": hooks.url, "secret": SECRET}
    return Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{tmp_path / 'spread.db'}"},
            "poll": {"interval_s": 600, "allow_private": True, "timeout_s": 5},
            "detect": {
                "bin_minutes": 240, "topics": ["Legal | Regulation"], "alarms_per_week": 2.0,
                "volume_alarms_per_week": 0, "coverage_alarms_per_week": 0,
            },
            "feeds": [{"url": f"{newsstand.url}/{n}", "name": n, "origin": n} for n in FEEDS],
            "receivers": [mail, hook],
        }
    )  # fmt: skip


@pytest.fixture
def live(newsstand: Any, clock: VirtualClock, turn: Turn) -> Callable[..., None]:
    """Nine days of quiet, then a bin of bad news for each number, so many stories, and a look."""

    def lived(settings: Settings, bad: tuple[int, ...], look: Look = lambda context: None) -> Alert:
        with open_context(settings, clock, WordList(), seed=1) as context:
            sync_feeds(context.store, settings, clock())
            for number in range(56):
                newsstand.titles = {feed: _quiet(number, feed) for feed in FEEDS}
                turn(context, clock, BIN)
            for number, many in enumerate(bad):
                newsstand.titles = {feed: _bad(number, feed, many) for feed in FEEDS}
                turn(context, clock, BIN)
                look(context)
            with context.store.read() as tx:
                (parent,) = alerts.latest(tx, 10)
        return parent

    return lived


def test_an_alert_that_a_surge_joins_is_told_of_again_in_the_thread_of_its_first_mail(
    settings: Settings, live: Any, hooks: HookCatcher, mails: MailCatcher
) -> None:
    watched = settings.detect.model_copy(update={"volume_alarms_per_week": 0.001})
    parent = live(settings.model_copy(update={"detect": watched}), (9, 9, 9))
    assert [hook.type for hook in hooks.received] == ["alert.firing", "alert.spread"]
    first, second = hooks.received
    assert {child["kind"] for child in second.payload["data"]["children"]} == {
        "negative_share", "negative_volume",
    }  # fmt: skip
    assert second.at - first.at == BIN
    mail, answer = (caught.message for caught in mails.received)
    assert answer["In-Reply-To"] == mail["Message-ID"]
    assert answer["Subject"].startswith("[critical] Spreading: Negative news in ")
    assert second.payload["data"]["id"] == parent.id


def test_an_alert_whose_excess_has_doubled_is_told_of_again_with_its_numbers_by_now(
    settings: Settings, live: Any, hooks: HookCatcher, mails: MailCatcher
) -> None:
    """And not to a receiver that asked for other news and was not told before."""
    mail, hook = settings.receivers
    elsewhere = mail.model_copy(update={"kinds": ("coverage_hole",)})
    parent = live(settings.model_copy(update={"receivers": (elsewhere, hook)}), (9, 9, 9, 9))
    assert mails.received == []
    assert [hook.type for hook in hooks.received] == ["alert.firing", "alert.grown"]
    told, by_now = (hook.payload["data"] for hook in hooks.received)
    assert told["negatives"] == parent.negatives_since_onset
    assert by_now["negatives"] == told["negatives"] + 18, "two bins of nine distinct stories"
    assert all(head["negative"] for head in by_now["headlines"])
    titles = [{head["title"] for head in data["headlines"]} for data in (told, by_now)]
    assert not titles[0] & titles[1], "the second message tells what is new"


def test_an_alert_that_grows_by_the_hour_is_told_of_only_as_it_doubles(
    settings: Settings, live: Any, hooks: HookCatcher
) -> None:
    live(settings, (9,) * 12)
    times = [hook.at for hook in hooks.received if hook.type == "alert.grown"]
    assert 2 <= len(times) <= 3, "two days at nine stories in four hours: 6 → 24 → 60 and more"
    assert all(later - before >= timedelta(hours=6) for before, later in pairwise(times))


def test_an_alert_that_goes_no_further_is_told_once(
    settings: Settings, live: Any, hooks: HookCatcher
) -> None:
    live(settings, (9, 1, 0, 1, 0, 0))
    assert [hook.type for hook in hooks.received] == ["alert.firing"]


def _be_on_it(context: Context) -> None:
    """What anna does who watches the wall: she says so of whatever is firing."""
    with context.store.write() as tx:
        for one in alerts.firing(tx):
            if one.status == "firing" and one.parent is None:
                acknowledge(tx, one.id, "anna", "calling the desk", context.clock())


def test_an_acknowledged_alert_that_doubles_stays_silent_and_is_the_same_alert(
    settings: Settings, live: Any, hooks: HookCatcher, clock: Any, noon: datetime, tmp_path: Any
) -> None:
    minded = live(settings, (9, 9, 9, 9), _be_on_it)
    assert [hook.type for hook in hooks.received] == ["alert.firing"]
    assert minded.status == "acknowledged", "tick after tick"
    clock.advance(noon)
    store = settings.store.model_copy(update={"url": f"sqlite:///{tmp_path}/without.db"})
    other = live(settings.model_copy(update={"store": store}), (9, 9, 9, 9))
    assert other == replace(minded, status="firing"), "found all the same"
    assert [hook.type for hook in hooks.received[1:]] == ["alert.firing", "alert.grown"]


def test_when_a_surge_joins_an_acknowledged_alert_it_is_told_and_firing_again(
    settings: Settings, live: Any, hooks: HookCatcher
) -> None:
    watched = settings.detect.model_copy(update={"volume_alarms_per_week": 0.001})
    seen: list[tuple[Status, list[bool]]] = []

    def look(context: Context) -> None:
        """Says so once, of the first alert, and sees what becomes of that."""
        with context.store.read() as tx:
            (parent,) = alerts.latest(tx, 10) or (None,)
            if parent is None:
                return
            before = [holds for _, holds in who_was_on(tx, parent)]
            family = {one.status for one in alerts.firing(tx)}
        assert family == {parent.status}
        seen.append((parent.status, before))
        if not before:
            _be_on_it(context)

    live(settings.model_copy(update={"detect": watched}), (9, 9, 9), look)
    assert seen[0] == ("firing", [])
    assert seen[-1] == ("firing", [False]), "the row stays"
    assert [(hook.type, hook.payload["data"]["status"]) for hook in hooks.received] == [
        ("alert.firing", "firing"), ("alert.spread", "firing"),
    ]  # fmt: skip
