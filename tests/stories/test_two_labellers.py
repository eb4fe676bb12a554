"""Two daemons label one store: each headline once, each story counted once, and what one of them
held as it was killed is taken up by the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import labeller
import pytest
import sqlalchemy as sa

from monitor.clock import wall_clock
from monitor.daemon import open_context
from monitor.jobs.label import label as label_job
from monitor.store import articles, feeds, labels
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.store.tables import label
from monitor.types import Item

ROOT = Path(__file__).resolve().parents[2]
STORIES = 160  # each told by two outlets; every fourth about the watched company
LEASE = timedelta(minutes=6)  # after which what the dead held is free, and a little more

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(store: Store, tmp_path: Path) -> Iterator[Start]:
    """Starts a labeller on the store; none outlives the test."""
    started: list[subprocess.Popen[str]] = []
    url = store.engine.url.render_as_string(hide_password=False)
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "stories")))

    def begun(name: str, *befalls: str) -> subprocess.Popen[str]:
        words = [sys.executable, labeller.__file__, url, name, str(tmp_path / name), *befalls]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
        )
        started.append(process)
        return process

    yield begun
    for process in started:
        process.kill()
        process.communicate()


def headline(number: int) -> str:
    company = "Halvorsen Marine" if number % 4 == 0 else "Brightwater"
    return f"{company} sued for {number * 7919} mln over wreck {number * 104729} off Orsk"


def told_by_two_outlets(store: Store) -> int:
    """Stores every headline twice, so that the two copies are due in batches next to each other;
    returns how many articles there are."""
    now, outlets = wall_clock(), ("tidewater", "granary")
    with store.write() as tx:
        for name in outlets:
            feeds.add(tx, NewFeed(f"https://{name}.example", name, name, 300), "added", now)
        ids = {row.name: row.id for row in feeds.active(tx)}
        for first in range(0, STORIES, labeller.BATCH):
            for name in outlets:
                numbers = range(first, first + labeller.BATCH)
                articles.add_items(tx, ids[name], name, [item(n, name) for n in numbers], now)
    return 2 * STORIES


def item(number: int, outlet: str) -> Item:
    title = f"{headline(number)} - {outlet}"
    return Item(f"{outlet}{number}", "", title, "", "", None, "", "")


def asked(log: Path) -> Counter[str]:
    """The headlines with their targets that a labeller was asked, how often."""
    return Counter(log.read_text().splitlines())


def test_what_two_labellers_share_is_labelled_once_and_nothing_is_lost_by_a_kill(
    store: Store, start: Start, tmp_path: Path
) -> None:
    owed = told_by_two_outlets(store)
    living = start("living", "pause", "8")  # not all of it, before the other has had its part
    dying = start("dying", "die", "3")
    assert dying.wait(60) == -signal.SIGKILL
    living.communicate("go on\n", timeout=60)
    assert living.returncode == 0
    _check_what_is_held(store, tmp_path)
    late = labeller.Watched("late", tmp_path / "late", lambda _: None)
    settings = labeller.settings_for(store.engine.url.render_as_string(hide_password=False))
    with open_context(settings, lambda: wall_clock() + LEASE, late) as context:
        while label_job(context):
            pass
    _check_that_all_is_labelled_once(store, tmp_path, owed)


def _check_what_is_held(store: Store, logs: Path) -> None:
    """One batch, by the dead, and nobody takes it before its time."""
    with store.write() as tx:
        assert labels.backlog(tx) == labeller.BATCH
        assert labels.claim(tx, wall_clock(), LEASE, 1_000) == []
    assert not asked(logs / "living") & asked(logs / "dying"), "nothing is labelled by both"


def _check_that_all_is_labelled_once(store: Store, logs: Path, owed: int) -> None:
    with store.read() as tx:
        rows = tx.execute(sa.select(label)).all()
        assert labels.backlog(tx) == 0
    assert len({row.article_id for row in rows}) == owed
    assert len(rows) == owed + owed // 4, "one label a headline, one more for the company in it"
    by = Counter(row.checkpoint for row in rows)
    assert set(by) == {"living", "dying", "late"}
    told = asked(logs / "living") + asked(logs / "late")
    assert max(told.values()) == 1
    assert len(told) == by["living"] + by["late"], "no answer came to nothing"
    assert len(told + asked(logs / "dying")) == len(rows)
    leads = Counter((row.story_id, row.target) for row in rows if row.lead)
    assert len(leads) == STORIES + STORIES // 4
    assert max(leads.values()) == 1, "a story that both had a copy of is counted once"
