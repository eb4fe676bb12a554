"""The demo: the real daemon on a virtual clock, fed by the loopback newswire.

Only the publisher, the mailbox and the webhook at the ends are the demo's own. In between runs
what runs in production: HTTP polls, the shipped policy, the store, the detector, the outbox,
the senders and the page.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.catcher import HookCatcher, MailCatcher
from alerts.types import Alert, Delivery
from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import listen, open_context, serving, sync_feeds, tick
from monitor.jobs import JOBS
from monitor.newswire.publisher import Publisher
from monitor.newswire.script import Script, write_script
from monitor.store import alerts, census
from policy.types import Policy

STARTS_AT = datetime(2031, 3, 3, tzinfo=UTC)  # a Monday in a year of which no news is known
_STEP = timedelta(minutes=15)
_POLL = timedelta(minutes=30)
_AFTERWARDS = timedelta(hours=1)  # the last polls and deliveries
_SECRET = "whsec_ZG93bmRyYWZ0LWRlbW8tb25seS1zZWNyZXQh"  # signs webhooks to ourselves
_BANNER = "Fictional news from a loopback newswire, on a virtual clock"

Progress = Callable[[datetime, Script], None]


class VirtualClock:
    """Time that moves when the demo says so; read by every thread."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def __call__(self) -> datetime:
        return self._at

    def advance(self, to: datetime) -> None:
        self._at = to


@dataclass(frozen=True, slots=True)
class Stage:
    """A demo that has been set up: the daemon's world and what stands around it."""

    script: Script
    clock: VirtualClock
    context: Context
    hooks: HookCatcher
    mails: MailCatcher

    @property
    def token(self) -> str:
        """Signs in on the review page, while this demo lasts."""
        (analyst,) = self.context.settings.analysts
        return analyst.token.get_secret_value()


@dataclass(frozen=True, slots=True)
class Played:
    """What the story led to."""

    script: Script
    articles: int
    stories: int
    raised: tuple[Alert, ...]  # parents, with children apart
    children: dict[str, tuple[Alert, ...]]
    deliveries: tuple[Delivery, ...]
    arrived: frozenset[str]  # ids of deliveries that the receivers hold


@contextmanager
def staged(seed: int, folder: Path, port: int, policy: Policy | None = None) -> Iterator[Stage]:
    """Publisher, receivers and the daemon's world, all on loopback."""
    clock = VirtualClock(STARTS_AT)
    script = write_script(seed, STARTS_AT)
    with ExitStack() as stack:
        hooks = stack.enter_context(HookCatcher(clock, _SECRET))
        mails = stack.enter_context(MailCatcher(clock))
        publisher = stack.enter_context(Publisher(script, clock))
        settings = _settings(script, publisher, hooks, mails, folder, port)
        context = stack.enter_context(open_context(settings, clock, policy, seed))
        sync_feeds(context.store, settings, clock())
        yield Stage(script, clock, context, hooks, mails)


def _settings(
    script: Script,
    publisher: Publisher,
    hooks: HookCatcher,
    mails: MailCatcher,
    folder: Path,
    port: int,
) -> Settings:
    mailbox = {
        "kind": "email",
        "name": "desk-mail",
        "host": "127.0.0.1",
        "port": mails.port,
        "security": "none",
        "sender": "Downdraft <alerts@downdraft.example>",
        "recipients": ["desk@downdraft.example"],
    }
    webhook = {"kind": "webhook", "name": "desk-webhook", "url": hooks.url, "secret": _SECRET}
    feeds = [{"url": url, "name": name, "origin": name} for name, url in publisher.feeds]
    return Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{folder / 'demo.db'}"},
            "web": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
            "poll": {"interval_s": int(_POLL.total_seconds()), "allow_private": True},
            "feeds": feeds,
            "watch": [{"name": name, "aliases": aliases} for name, aliases in script.watch],
            "receivers": [mailbox, webhook],
            "analysts": [{"name": "you", "token": secrets.token_urlsafe(16)}],
        }
    )


def play(stage: Stage, speed: float, progress: Progress) -> Played:
    """Runs the daemon's jobs over the story; `speed` in virtual seconds a second, 0: at once."""
    end = stage.script.ends_at + _AFTERWARDS
    while stage.clock() < end:
        began = time.monotonic()
        stage.clock.advance(stage.clock() + _STEP)
        for job in JOBS:
            while tick(stage.context, job):
                pass
        progress(stage.clock(), stage.script)
        if speed:
            lag = _STEP.total_seconds() / speed - (time.monotonic() - began)
            threading.Event().wait(max(0.0, lag))
    return _outcome(stage)


def _outcome(stage: Stage) -> Played:
    with stage.context.store.read() as tx:
        articles, stories = census.articles_and_stories(tx)
        raised = tuple(alerts.latest(tx, 1000))
        children = {alert.id: tuple(alerts.children(tx, alert.id)) for alert in raised}
        deliveries = tuple(d for alert in raised for d in alerts.deliveries(tx, alert.id))
    hooked = {hook.delivery_id for hook in stage.hooks.received}
    mailed = {mail.delivery_id for mail in stage.mails.received}
    return Played(
        script=stage.script,
        articles=articles,
        stories=stories,
        raised=raised,
        children=children,
        deliveries=deliveries,
        arrived=frozenset(hooked | mailed),
    )


def faults(played: Played) -> list[str]:
    """What is not as the script says it should be; empty when the demo kept its word."""
    crisis = played.script.crisis
    found = []
    if len(played.raised) != 1:
        found.append(f"{len(played.raised)} parent alerts were raised, 1 was expected")
    for alert in played.raised:
        family = (alert, *played.children[alert.id])
        about = {(one.stream.topic, one.stream.target) for one in family}
        if not about & {(crisis.topic, ""), ("", crisis.target)}:
            found.append(f"alert {alert.id} on {alert.stream} is not about the crisis")
        if alert.raised_at < crisis.starts_at:
            found.append(f"alert {alert.id} was raised before the crisis began")
    for receiver in ("desk-mail", "desk-webhook"):
        told = [d for d in played.deliveries if d.receiver == receiver]
        if not any(d.announcement == "firing" and d.id in played.arrived for d in told):
            found.append(f"no announcement arrived by {receiver}")
    return found


@contextmanager
def page(stage: Stage) -> Iterator[None]:
    """Serves the page on the stage's port while the block runs. Raises ConfigError if taken."""
    web = stage.context.settings.web
    with listen(web.host, web.port) as listener, serving(stage.context, listener, _BANNER):
        yield
