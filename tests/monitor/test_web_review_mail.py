"""Answers by the links in an alert's mail: GET shows, POST records, once a link."""

from __future__ import annotations

import json
import random
import re
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient
from web_desk import words
from web_rows import NOW, SETTINGS, a_delivery, client, newsroom

from alerts.catcher import CaughtHook, CaughtMail, HookCatcher, MailCatcher
from alerts.dispatch import outbox
from monitor.config import Settings
from monitor.context import Context
from monitor.jobs.deliver import deliver
from monitor.links import CHOICES, VALID, mail_links, read_link
from monitor.metrics import Metrics
from monitor.receivers import open_senders
from monitor.signing import Signer
from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import AlertReason
from monitor.store.engine import Store, open_store
from monitor.store.link_key import key_of

DELIVERY = a_delivery("alert1", "desk", "sent")


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    newsroom(sqlite_store)
    return sqlite_store


@pytest.fixture
def site(store: Store) -> TestClient:
    return client(store)


def links(store: Store, delivery: str = "") -> dict[AlertReason, str]:
    sent = replace(DELIVERY, id=delivery or DELIVERY.id)
    return mail_links(sent, "http://testserver", key_of(store))


def said(store: Store) -> list[tuple[str, str, str, str]]:
    with store.read() as tx:
        held = alert_verdicts.of(tx, "alert1")
    return [(one.analyst, one.answer, one.reason, one.route) for one in held]


def test_opening_a_link_shows_the_alert_and_records_nothing(site: TestClient, store: Store) -> None:
    for reason, link in links(store).items():
        answer = site.get(link)
        assert answer.status_code == 200
        assert "Negative news about Halvorsen Marine: 14 of 16 stories" in words(answer.text)
        assert f"Record “{reason}”" in answer.text
        assert site.head(link).status_code == 405
    assert said(store) == []


def test_the_button_records_once_in_the_name_of_the_mails_readers(
    site: TestClient, store: Store
) -> None:
    link = links(store)["wrong topic"]
    for _ in range(2):
        answer = site.post(link)
        assert answer.status_code == 200
        assert "Recorded: wrong topic" in words(answer.text)
        assert "Record “" not in answer.text
        assert said(store) == [("mail:desk", "reject", "wrong topic", "mail")]
    assert "Recorded: wrong topic" in words(site.get(link).text)


def test_another_link_mends_a_wrong_click_and_a_used_one_does_not_undo_it(
    site: TestClient, store: Store
) -> None:
    known, real = links(store)["known"], links(store)["real"]
    site.post(known)
    assert "Your answer: real , instead of “known”" in words(site.get(real).text)
    site.post(real)
    assert said(store) == [("mail:desk", "confirm", "real", "mail")]
    answer = site.post(known)
    assert "This link was used before" in words(answer.text)
    assert "has become “real”, which holds" in words(answer.text)
    assert said(store) == [("mail:desk", "confirm", "real", "mail")]


def test_the_mail_about_the_end_has_links_of_its_own(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        over = replace(DELIVERY, id="msg_over", announcement="resolved")
        alerts.add_deliveries(tx, [over])
    site.post(links(store)["known"])
    site.post(links(store)["real"])
    site.post(links(store, "msg_over")["known"])
    assert said(store) == [("mail:desk", "reject", "known", "mail")]


def test_a_link_runs_out_after_two_weeks(store: Store) -> None:
    link, end = links(store)["real"], DELIVERY.created_at + VALID
    early = client(store, clock=lambda: end)
    assert early.get(link).status_code == 200
    late = client(store, clock=lambda: end + timedelta(seconds=1))
    for answer in (late.get(link), late.post(link)):
        assert answer.status_code == 410
        assert "This link has run out" in answer.text
    assert said(store) == []


def test_a_link_that_we_did_not_sign_does_nothing(
    site: TestClient, store: Store, tmp_path: Path
) -> None:
    elsewhere = open_store(f"sqlite:///{tmp_path}/other.db")
    real, other = links(store)["real"], links(elsewhere)["real"]
    elsewhere.close()
    body, signature = real.rsplit(".", 1)
    until = int((DELIVERY.created_at + VALID).timestamp())
    for_a_cookie = Signer(key_of(store), "downdraft sign-in").sign([DELIVERY.id, 0, until])
    known = links(store)["known"].rsplit(".", 1)[0]
    for forged in (
        other,
        f"{known}.{signature}",
        body,
        f"{body}.",
        "http://testserver/v/x",
        f"http://testserver/v/{for_a_cookie}",
        links(store, "msg_of_no_alert")["real"],
    ):
        assert site.get(forged).status_code == 404, forged
        assert site.post(forged).status_code == 404, forged
    assert said(store) == []


def test_links_say_what_they_were_made_for_and_stay_the_same(store: Store) -> None:
    key = key_of(store)
    assert key == key_of(store)
    assert len(key) == 32
    made = links(store)
    assert made == links(store)
    assert tuple(made) == CHOICES
    for reason, link in made.items():
        read = read_link(link.removeprefix("http://testserver/v/"), key)
        assert read is not None
        assert (read.delivery_id, read.reason) == (DELIVERY.id, reason)
        assert read.until == DELIVERY.created_at + VALID
        assert read.answer == ("confirm" if reason == "real" else "reject")
        assert len(link) < 150


def test_mail_and_page_are_voices_of_their_own(store: Store) -> None:
    site = client(store, settings=SETTINGS)
    site.post(links(store)["real"])
    shown = words(site.get("/alerts/alert1").text)
    assert f"real {NOW.day} Mar 14:30 UTC by mail" in shown


def deliver_all(store: Store, web: dict[str, str]) -> tuple[list[CaughtMail], list[CaughtHook]]:
    """One alert to a mailbox and to a webhook, as the daemon sends it."""
    with MailCatcher(lambda: NOW) as mails, HookCatcher(lambda: NOW) as hooks:
        mailbox = {
            "kind": "email", "name": "desk-mail", "host": "127.0.0.1", "port": mails.port,
            "security": "none", "sender": "a@example.com", "recipients": ["b@example.com"],
        }  # fmt: skip
        webhook = {"kind": "webhook", "name": "desk-hook", "url": hooks.url}
        settings = Settings.model_validate({"web": web, "receivers": [mailbox, webhook]})
        with store.write() as tx:
            told = alerts.get(tx, "alert1")
            assert told is not None
            alerts.add_deliveries(tx, outbox(told, "firing", ["desk-mail", "desk-hook"], NOW))
        with ExitStack() as stack:
            senders = open_senders(settings.receivers, stack)
            metrics = Metrics(CollectorRegistry())
            unused: Any = None
            context = Context(
                settings, store, metrics, lambda: NOW, unused, unused, unused, unused, senders,
                random.Random(0),
            )  # fmt: skip
            while deliver(context):
                pass
        return mails.received, hooks.received


def test_the_links_in_a_mail_work_and_a_webhook_holds_none(store: Store) -> None:
    (mail,), (hook,) = deliver_all(store, {"public_url": "http://testserver/"})
    text = mail.message.get_body(("plain",))
    assert text is not None
    found = dict(re.findall(r"^(\S.*?) +(http://testserver/v/\S+)", text.get_content(), re.M))
    assert tuple(found) == CHOICES
    assert "/v/" not in json.dumps(hook.payload)
    answer = client(store).post(found["wrong sentiment"])
    assert "Recorded: wrong sentiment" in words(answer.text)
    assert said(store) == [("mail:desk-mail", "reject", "wrong sentiment", "mail")]


def test_mail_holds_no_links_while_nobody_has_said_how_we_are_reached(store: Store) -> None:
    (mail,), _ = deliver_all(store, {})
    assert "/alerts/alert1" in mail.message.as_string()
    assert "/v/" not in mail.message.as_string()


@pytest.mark.parametrize(
    ("web", "url"),
    [
        ({}, "http://127.0.0.1:8377"),
        ({"port": 9000}, "http://127.0.0.1:9000"),
        ({"port": 9000, "public_url": "https://news.example.com"}, "https://news.example.com"),
    ],
)
def test_alerts_link_to_the_port_that_is_listened_on_unless_told_otherwise(
    web: dict[str, Any], url: str
) -> None:
    assert Settings.model_validate({"web": web}).web.public_url == url
