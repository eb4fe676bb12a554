"""What a job is given: the outside world, one seam each."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import httpx2

from alerts.senders import Sender
from monitor.config import Settings
from monitor.entities import WatchList
from monitor.metrics import Metrics
from monitor.pacing import Pace
from monitor.parse import ParsedFeed
from monitor.store.engine import Store
from policy.types import Policy

Clock = Callable[[], datetime]


def stay() -> None:
    """What a policy that was given once and for all does at a promotion."""


class Parser(Protocol):
    def parse(
        self, document: bytes, content_type: str, base_url: str, now: datetime
    ) -> ParsedFeed: ...


@dataclass(frozen=True, slots=True)
class Context:
    """The daemon's whole world, as its jobs see it."""

    settings: Settings
    store: Store
    metrics: Metrics
    clock: Clock
    policy: Policy
    watch_list: WatchList
    client: httpx2.Client
    parser: Parser
    senders: Mapping[str, Sender]  # by receiver's name
    rng: random.Random
    follow: Callable[[], None] = stay  # brings `policy` in line with the newest promotion
    pace: Pace = field(default_factory=Pace)  # how fast a host is asked
    stopping: threading.Event = field(default_factory=threading.Event)  # set: end soon
