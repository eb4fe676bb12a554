"""From a feed to a mailbox: a crisis is told once, come what may, and so is its end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from crisis_news import CRISIS, break_out

from alerts.catcher import HookCatcher, MailCatcher
from monitor.context import Context
from monitor.daemon import tick
from monitor.demo import VirtualClock
from monitor.jobs import JOBS
from monitor.store import alerts, census, labels
from monitor.store.tables import article

QUARTER = timedelta(minutes=15)
Turn = Callable[[Context, VirtualClock, timedelta], None]


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
