"""A feed falls silent, through the real jobs: told by mail, explained, and over by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from word_list import WordList

from alerts.catcher import HookCatcher, MailCatcher
from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context, sync_feeds
from monitor.demo import VirtualClock
from monitor.explain import explain, lines
from monitor.gauges import refresh_gauges
from monitor.store import alerts

BIN = timedelta(hours=4)
SECRET = "whsec_" + "c3Rvcmllcy1mb3ItdGVzdHMtb25seS0xMjM0"  # as the fixture `hooks` has it
ADVERBS = "early late twice soon again often".split()
PLACES = "Orsk Varna Lyon Turku Malmo Porto Graz Bergen Leeds Ghent Cork Basel".split()
Turn = Callable[[Context, VirtualClock, timedelta], None]


def titles(turn: int, feed: str, many: int) -> list[str]:
    """Headlines of one turn, none like another."""
    return [
        f"{PLACES[(turn + 5 * i) % 12]} {feed} council number {97 * turn + i} votes on "
        f"{PLACES[(turn * 7 + i) % 12]} budget {ADVERBS[(turn + i) % 6]} round {turn * 31 + i}"
        for i in range(many)
    ]


@pytest.fixture
def settings(newsstand: Any, hooks: HookCatcher, mails: MailCatcher, tmp_path: Any) -> Settings:
    newsstand.titles = {"tidewater": [], "granary": []}
    hook = {"kind": "webhook", "name": "hook", "url": hooks.url, "secret": SECRET}
    return Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{tmp_path / 'silence.db'}"},
            "poll": {"interval_s": 600, "allow_private": True, "timeout_s": 5},
            "detect": {
                "bin_minutes": 240, "topics": ["Legal | Regulation"],
                "coverage_alarms_per_week": 2.0,
            },
            "feeds": [
                {"url": f"{newsstand.url}/{n}", "name": n, "origin": n}
                for n in ("tidewater", "granary")
            ],
            "receivers": [hook],
        }
    )  # fmt: skip


def test_a_feed_that_falls_silent_is_told_explained_and_over_when_it_speaks_again(
    newsstand: Any,
    settings: Settings,
    clock: VirtualClock,
    turn: Turn,
    hooks: HookCatcher,
    noon: datetime,
) -> None:
    def told() -> list[Any]:
        with context.store.read() as tx:
            return alerts.latest(tx, 10)

    def live(turns: range, tidewater: int) -> None:
        for number in turns:
            newsstand.titles["tidewater"] = titles(number, "tidewater", tidewater)
            newsstand.titles["granary"] = titles(number, "granary", 3)
            turn(context, clock, BIN)

    with open_context(settings, clock, WordList(), seed=1) as context:
        sync_feeds(context.store, settings, clock())
        live(range(56), tidewater=8)
        assert told() == []
        clock.advance(clock() + timedelta(days=2))  # the daemon was down
        live(range(56, 60), tidewater=8)
        assert told() == []
        live(range(60, 66), tidewater=0)
        (hole,) = told()
        refresh_gauges(context)
        firing = context.metrics.registry.get_sample_value(
            "downdraft_alerts_firing", {"kind": "coverage_hole"}
        )
        live(range(66, 70), tidewater=8)
        document = explain(context.store, context.settings, hole.id)
        (over,) = told()
    assert (hole.kind, hole.feeds) == ("coverage_hole", ("tidewater",))
    assert hole.stories_since_onset == 0
    assert hole.expected == pytest.approx(8 * (hole.raised_at - hole.onset) / BIN, rel=0.2)
    assert firing == 1
    assert over.status == "resolved"
    kinds = [hook.payload["data"]["kind"] for hook in hooks.received]
    assert kinds == ["coverage_hole", "coverage_hole"]
    assert document is not None
    assert document["recount_agrees"]
    assert {row["feed"] for row in document["bins"]} == {"tidewater"}
    assert [row["stories"] for row in document["bins"]] == [0] * len(document["bins"])
    assert any("0 stories from tidewater" in line for line in lines(document))
