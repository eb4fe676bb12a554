"""`downdraft receivers`: who is told, whether they are reached, what they never got."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import Command, store_url

from alerts.budget import share_out
from alerts.catcher import HookCatcher, MailCatcher
from alerts.types import Alert, Delivery, Evidence, Stream
from monitor.config_detect import DetectSection
from monitor.store import alerts
from monitor.store.engine import open_store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIDTH = DetectSection().width


@pytest.fixture
def mails() -> Iterator[MailCatcher]:
    with MailCatcher(lambda: NOON) as box:
        yield box


@pytest.fixture
def hooks() -> Iterator[HookCatcher]:
    with HookCatcher(lambda: NOON) as catcher:
        yield catcher


@pytest.fixture
def config(tmp_path: Path, mails: MailCatcher, hooks: HookCatcher) -> Path:
    file = tmp_path / "c.toml"
    file.write_text(
        f"""
        [store]
        url = "{store_url(tmp_path)}"
        [[receivers]]
        kind = "email"
        name = "desk"
        host = "127.0.0.1"
        port = {mails.port}
        security = "none"
        sender = "a@x.example"
        recipients = ["b@x.example"]
        topics = ["Energy | Oil", "all news"]
        [[receivers]]
        kind = "webhook"
        name = "hook"
        url = "{hooks.url}"
        """
    )
    return file


@pytest.fixture
def given_up(tmp_path: Path) -> None:
    """Two deliveries to the mailbox that were given up."""
    stream = Stream("Macro")
    alert = Alert(
        "a1", stream, "negative_share", "warning", "firing", NOON, NOON,
        Evidence(stream, NOON, WIDTH, 9, 8, 0.2, 9.1, 2.0), 9, 8, 0.2, (), "ck",
        share_out(1.0, 20, WIDTH),
    )  # fmt: skip
    one = Delivery("msg_1", "a1", "desk", "firing", "dead", 12, NOON, NOON, "refused")
    store = open_store(store_url(tmp_path))
    with store.write() as tx:
        alerts.open_new(tx, alert, [one, replace(one, id="msg_2", announcement="grown")])
    store.close()


def _states(tmp_path: Path) -> list[str]:
    store = open_store(store_url(tmp_path))
    with store.read() as tx:
        found = [one.state for one in alerts.deliveries(tx, "a1")]
    store.close()
    return found


def test_a_test_reaches_every_receiver_and_says_that_it_is_one(
    downdraft: Command, config: Path, mails: MailCatcher, hooks: HookCatcher
) -> None:
    said = downdraft("receivers", "test", "--config", config)
    assert (said.code, said.out) == (0, "desk: taken\nhook: taken\n")
    assert [mail.subject for mail in mails.received] == ["[test] Downdraft reaches desk"]
    assert [hook.type for hook in hooks.received] == ["test"]


def test_one_receiver_can_be_tested_alone(
    downdraft: Command, config: Path, mails: MailCatcher, hooks: HookCatcher
) -> None:
    downdraft("receivers", "test", "hook", "--config", config)
    assert (len(mails.received), len(hooks.received)) == (0, 1)


def test_a_receiver_that_takes_nothing_is_named_with_the_reason_and_exits_1(
    downdraft: Command, config: Path, hooks: HookCatcher
) -> None:
    hooks.stop()
    said = downdraft("receivers", "test", "--json", "--config", config)
    assert said.code == 1
    desk, hook = said.json  # type: ignore[misc]
    assert desk == {"receiver": "desk", "ok": True, "error": None}
    assert "not reached" in hook["error"]


def test_a_receiver_that_is_not_configured_is_refused_with_those_that_are(
    downdraft: Command, config: Path
) -> None:
    said = downdraft("receivers", "test", "fax", "--config", config)
    assert said.refuses("no receiver fax; receivers: desk, hook")


@pytest.mark.usefixtures("given_up")
def test_the_list_says_what_each_is_told_of_and_what_was_given_up(
    downdraft: Command, config: Path
) -> None:
    desk, hook = downdraft("receivers", "list", "--config", config).out.splitlines()
    assert desk.split(maxsplit=2) == ["email", "desk", "Energy | Oil, all news  2 given up"]
    assert hook.split() == ["webhook", "hook", "everything"]


@pytest.mark.usefixtures("given_up")
def test_deliveries_that_were_given_up_are_tried_again_or_dropped_by_id(
    downdraft: Command, config: Path, tmp_path: Path
) -> None:
    assert downdraft("receivers", "resend", "msg_1", "--config", config).out == (
        "1 will be tried again\n"
    )
    assert downdraft("receivers", "drop", "msg_2", "--config", config).out == "1 dropped\n"
    assert sorted(_states(tmp_path)) == ["dropped", "pending"]


@pytest.mark.usefixtures("given_up")
def test_all_of_them_are_meant_only_where_that_is_said(
    downdraft: Command, config: Path, tmp_path: Path
) -> None:
    assert downdraft("receivers", "resend", "--config", config).refuses("or --all")
    assert downdraft("receivers", "drop", "msg_1", "no", "--config", config).refuses("no: no")
    assert _states(tmp_path) == ["dead", "dead"]
    assert downdraft("receivers", "resend", "--all", "--config", config).code == 0
    assert _states(tmp_path) == ["pending", "pending"]
