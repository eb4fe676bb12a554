"""A machine is lost in the middle of a crisis; another goes on from the backup."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from crisis_news import QUIET, break_out

from alerts.catcher import HookCatcher, MailCatcher
from monitor.backup.making import back_up
from monitor.backup.restoring import restore
from monitor.config import Settings, StoreSection
from monitor.context import Context
from monitor.daemon import tick
from monitor.demo import VirtualClock
from monitor.explain import explain
from monitor.jobs import JOBS
from monitor.store import alerts, census, runs
from monitor.store.tables import bin_, stream_state

QUARTER = timedelta(minutes=15)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'world.db'}"
    return str(request.getfixturevalue("postgresql_database"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # learn.folder lies where the daemon does


def turn_undelivered(context: Context, clock: VirtualClock) -> None:
    """Nothing leaves the house: the machine is lost before its outbox is emptied."""
    clock.advance(clock() + QUARTER)
    for job in JOBS:
        while job.name != "deliver" and tick(context, job):
            pass


@contextmanager
def at_work(context: Context) -> Iterator[None]:
    """A daemon that writes all the while."""
    done, wrote = threading.Event(), threading.Event()

    def work() -> None:
        while not done.is_set():
            with context.store.write() as tx:
                runs.succeeded(tx, "label", context.clock())
            wrote.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert wrote.wait(30)
        yield
    finally:
        done.set()
        thread.join()


def at(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"store": StoreSection(url=url)})


def memory(context: Context) -> list[Any]:
    """All that the detector counted, and the states that it goes on from."""
    with context.store.read() as tx:
        order = (bin_.c.topic, bin_.c.target, bin_.c.start)
        counted = [tuple(row) for row in tx.execute(sa.select(bin_).order_by(*order))]
        key = (stream_state.c.topic, stream_state.c.target)
        return counted + [tuple(row) for row in tx.execute(sa.select(stream_state).order_by(*key))]


def test_the_crisis_is_told_from_elsewhere_under_the_same_ids_and_goes_on_as_it_would_have(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Callable[..., None],
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
    url: str,
    elsewhere: str,
    tmp_path: Path,
) -> None:
    with world(url) as context:
        seasoned(context)
        break_out(papers)
        for _ in range(4):
            turn_undelivered(context, clock)
        with context.store.read() as tx:
            (raised,) = alerts.latest(tx, 10)
            owed = alerts.deliveries(tx, raised.id)
            articles = census.articles_and_stories(tx)
        explained = explain(context.store, context.settings, raised.id)
        with at_work(context):
            back_up(context.settings, tmp_path / "b.tar", clock(), force=False)
        saved_at, known = clock(), memory(context)
        expected = _lived_on(context, clock, papers)
    assert {one.state for one in owed} == {"pending"}
    assert not hooks.received

    settings = at(context.settings, elsewhere)
    restore(settings, tmp_path / "b.tar", saved_at, force=False)
    clock.advance(saved_at)
    break_out(papers)
    with world(elsewhere) as other:
        with other.store.read() as tx:
            assert alerts.latest(tx, 10) == [raised]
            assert census.articles_and_stories(tx) == articles
        assert memory(other) == known
        assert explain(other.store, settings, raised.id) == explained
        while tick(other, next(job for job in JOBS if job.name == "deliver")):
            pass
        told = [*hooks.received, *mails.received]
        assert sorted(one.delivery_id for one in told) == sorted(one.id for one in owed)
        assert _lived_on(other, clock, papers) == expected
        with other.store.read() as tx:
            assert [one.id for one in alerts.latest(tx, 10)] == [raised.id]


def _lived_on(context: Context, clock: VirtualClock, papers: Any) -> list[Any]:
    """What is remembered after some more hours of other news."""
    for hour in range(4):
        papers.titles["tidewater"] = [f"{title}, hour {hour}" for title in QUIET]
        for _ in range(4):
            turn_undelivered(context, clock)
    return memory(context)
