"""From a feed to a mailbox, through the real jobs, store, HTTP and SMTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.catcher import HookCatcher, MailCatcher
from monitor.context import Context
from monitor.daemon import tick
from monitor.demo import VirtualClock
from monitor.jobs import JOBS, Job
from monitor.store import alerts, census, feeds, labels, runs
from monitor.store.tables import article, bin_

QUARTER = timedelta(minutes=15)
QUIET = [
    "Granary Union opens a second mill in Orsk",
    "Port of Varna reports record grain exports",
    "Tidewater Bank names new head of research",
    "Regulator publishes consultation on clearing houses",
    "Court sets date for hearing in patent case",
    "Lawyers gather in Lyon for competition law forum",
]
CRISIS = [
    "Regulator opens fraud probe into Halvorsen Marine accounts",
    "Halvorsen Marine sued by creditors over missing cargo",
    "Court freezes accounts of Halvorsen Marine in fraud probe",
    "Police raid Halvorsen Marine offices in bribery investigation",
    "Halvorsen Marine fined record sum over safety breach",
    "Lawsuit accuses Halvorsen Marine directors of fraud",
    "Antitrust probe widens to Halvorsen subsidiaries as losses mount",
    "Regulators suspend Halvorsen Marine licence after breach",
    "Investigation finds Halvorsen hid losses, court papers warn",
    "Halvorsen Marine lawsuit: lenders fear collapse",
    "Prosecutor charges Halvorsen treasurer, probe of fraud deepens",
    "Halvorsen Marine loses court appeal, faces wider fraud investigation",
]

Turn = Callable[[Context, VirtualClock, timedelta], None]


@pytest.fixture
def papers(newsstand: Any) -> Any:
    newsstand.titles = {"tidewater": QUIET[:3], "granary": QUIET[3:]}
    return newsstand


def break_out(papers: Any) -> None:
    papers.titles = {"tidewater": CRISIS[:7], "granary": CRISIS[5:]}


def test_a_crisis_becomes_one_parent_alert_told_once_by_mail_and_webhook(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
) -> None:
    with world() as context:
        seasoned(context)
        break_out(papers)
        for _ in range(6):
            turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (parent,) = alerts.latest(tx, 10)
            deliveries = alerts.deliveries(tx, parent.id)
    assert parent.negatives_since_onset >= 8
    assert [hook.type for hook in hooks.received] == ["alert.firing"]
    (mail,) = mails.received
    assert {d.id for d in deliveries} == {mail.delivery_id, hooks.received[0].delivery_id}
    assert all(d.state == "sent" for d in deliveries)
    told = {head["title"] for head in hooks.received[0].payload["data"]["headlines"]}
    assert told <= set(CRISIS)
    text = mail.message.get_body(("plain",)).get_content()
    assert "tidewater" in text
    assert parent.checkpoint in text


def test_the_same_headline_from_two_outlets_counts_once(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles = {"tidewater": [CRISIS[0]], "granary": [f"UPDATE 2-{CRISIS[0]}"]}
    with world() as context:
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            assert census.articles_and_stories(tx) == (2, 1)
            counted = tx.execute(sa.select(bin_.c.stories).where(bin_.c.topic == "")).scalars()
            assert set(counted) == {1}


def test_a_broken_feed_says_why_and_holds_nobody_up(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles |= {"html": [], "gone": [], "empty": [], "void": []}
    papers.broken["html"] = (200, b"<!doctype html><html><body>Please log in</body></html>")
    papers.broken["gone"] = (404, b"no such thing")
    papers.broken["void"] = (200, b"")
    with world() as context:
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            rows = {row.name: row for row in feeds.active(tx)}
            assert census.articles_and_stories(tx)[0] == len(QUIET)
    assert rows["tidewater"].state == "ok"
    assert rows["empty"].state == "ok"  # a feed without entries is a feed
    assert rows["html"].state == "failing"
    assert "HTML" in rows["html"].last_error
    assert "404" in rows["gone"].last_error
    assert rows["void"].last_error
    assert all("\n" not in row.last_error for row in rows.values())


def test_an_unchanged_feed_is_asked_for_with_validators_and_not_read_again(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    with world() as context:
        for _ in range(3):
            turn(context, clock, QUARTER)
        count = context.metrics.registry.get_sample_value
        assert count("downdraft_polls_total", {"outcome": "ok"}) == 2
        assert count("downdraft_polls_total", {"outcome": "same_body"}) == 4


def test_a_title_of_100000_characters_is_stored_short_and_labelled(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    papers.titles["tidewater"] = ["Halvorsen " * 10_000]
    with world() as context:
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            assert census.articles_and_stories(tx)[0] == 4
            assert labels.backlog(tx) == 0


def bins(context: Context) -> list[Any]:
    with context.store.read() as tx:
        order = (bin_.c.topic, bin_.c.target, bin_.c.start)
        return [tuple(row) for row in tx.execute(sa.select(bin_).order_by(*order))]


def test_a_restart_after_every_tick_changes_no_number(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    noon: datetime,
    tmp_path: Any,
) -> None:
    def story(reopen: bool) -> list[Any]:
        clock.advance(noon)
        papers.titles = {"tidewater": QUIET[:3], "granary": QUIET[3:]}
        with world() as context:
            seasoned(context)
            break_out(papers)
            for _ in range(0 if reopen else 12):
                turn(context, clock, QUARTER)
        for _ in range(12 if reopen else 0):
            with world() as fresh:
                turn(fresh, clock, QUARTER)
        with world() as last:
            return bins(last)

    expected = story(reopen=False)
    for file in tmp_path.glob("world.db*"):
        file.unlink()
    assert story(reopen=True) == expected
    assert len(expected) > 30


def test_a_receiver_that_refuses_is_tried_again_with_the_same_id(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
) -> None:
    hooks.stop()  # nobody answers on the webhook's port
    with world() as context:
        seasoned(context)
        break_out(papers)
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            (alert,) = alerts.latest(tx, 10)
            by_name = {d.receiver: d for d in alerts.deliveries(tx, alert.id)}
        assert by_name["mail"].state == "sent"
        assert (by_name["hook"].state, by_name["hook"].attempts) == ("pending", 1)
        again = HookCatcher(clock, _secret(context), hooks.port)
        with again:
            turn(context, clock, QUARTER)
        assert [hook.delivery_id for hook in again.received] == [by_name["hook"].id]
    assert len(mails.received) == 1


def _secret(context: Context) -> str:
    (hook,) = [r for r in context.settings.receivers if r.kind == "webhook"]
    return str(hook.secret.get_secret_value())


def test_a_delivery_to_a_receiver_that_left_the_configuration_ends_as_a_visible_dead_letter(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn, seasoned: Any
) -> None:
    with world() as context:
        seasoned(context)
        break_out(papers)
        turn(replace(context, senders={}), clock, QUARTER)
        with context.store.read() as tx:
            dead = alerts.dead_deliveries(tx)
    assert {d.receiver for d in dead} == {"mail", "hook"}
    assert "no longer configured" in dead[0].last_error


def test_a_job_that_raises_is_counted_and_noted_and_the_others_go_on(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn
) -> None:
    def explode(_context: Context) -> bool:
        raise KeyError("a bug")

    with world() as context:
        assert tick(context, Job("label", explode, 1)) is False
        turn(context, clock, QUARTER)
        with context.store.read() as tx:
            by_name = {run.name: run for run in runs.latest(tx)}
        count = context.metrics.registry.get_sample_value
        assert count("downdraft_job_errors_total", {"job": "label"}) == 1
    assert by_name["label"].last_error == "KeyError: 'a bug'"
    assert by_name["label"].last_success_at is not None
    assert by_name["deliver"].last_success_at is not None


def test_a_spike_is_announced_before_its_hour_is_over(
    world: Any, papers: Any, clock: VirtualClock, turn: Turn, seasoned: Any, mails: MailCatcher
) -> None:
    with world() as context:
        seasoned(context)
        break_out(papers)
        turn(context, clock, timedelta(minutes=12))
    assert len(mails.received) == 1


def test_two_daemons_on_one_postgresql_tell_a_crisis_once(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
    postgresql_database: str,
) -> None:
    with world(postgresql_database) as one, world(postgresql_database) as two:
        seasoned(one)
        break_out(papers)
        clock.advance(clock() + QUARTER)
        with ThreadPoolExecutor(2) as both:
            for _ in range(6):
                for job in JOBS:
                    list(both.map(lambda daemon, job=job: tick(daemon, job), (one, two)))
        with one.store.read() as tx:
            assert census.articles_and_stories(tx)[0] == len({*papers.guids(), *seen(one)})
            assert labels.backlog(tx) == 0
            (parent,) = alerts.latest(tx, 10)
            assert all(d.state == "sent" for d in alerts.deliveries(tx, parent.id))
    assert len(hooks.received) == len(mails.received) == 1


def seen(context: Context) -> list[str]:
    with context.store.read() as tx:
        return list(tx.execute(sa.select(article.c.guid)).scalars())


def test_a_crisis_that_is_over_is_announced_once_as_resolved_with_an_id_of_its_own(
    world: Any,
    papers: Any,
    clock: VirtualClock,
    turn: Turn,
    seasoned: Any,
    hooks: HookCatcher,
    mails: MailCatcher,
) -> None:
    with world() as context:
        seasoned(context)
        break_out(papers)
        turn(context, clock, QUARTER)
        for _ in range(5):  # two quiet days each; the crisis is over before the tenth
            seasoned(context)
        with context.store.read() as tx:
            (parent,) = alerts.latest(tx, 10)
            assert alerts.firing(tx) == []
    assert parent.status == "resolved"
    assert parent.resolved_at is not None
    assert [hook.type for hook in hooks.received] == ["alert.firing", "alert.resolved"]
    assert len({hook.delivery_id for hook in hooks.received}) == 2
    first, last = (mail.message for mail in mails.received)
    assert last["References"] in (first["References"], first["Message-ID"])
