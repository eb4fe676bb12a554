"""Five analysts work for a month through the HTTP API while the daemon learns; one of them lies."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from learning_desk import FAMILIAR, NEW, QUICK, accuracy, moods_of, stream
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient
from tiny_policy import MOODS, NAMES, SUBJECTS

from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context
from monitor.demo import VirtualClock
from monitor.jobs.label import label
from monitor.learning import due
from monitor.learning.bench import Bench
from monitor.learning.round import run
from monitor.learning.setting import Round
from monitor.store import articles, feeds, learning, standings, verdicts
from monitor.store.feeds import NewFeed
from monitor.types import Item
from monitor.web.app import create_app
from policy.contrast.grammar import contrast_rows
from policy.data import Example

DAYS, A_DAY = 30, 8  # items that each analyst takes on each day
HONEST = ("ada", "ben", "cleo", "dora")
LIAR = "eve"
TOKENS = {name: f"{name}-token-0123456789" for name in (*HONEST, LIAR)}
WORDS = {word: mood for mood, words in MOODS.items() for word in words}
NOUNS = {word: topic for topic, words in SUBJECTS.items() for word in words}


def truth(item: dict[str, Any]) -> str:
    """The right label; "" for a headline that these analysts cannot judge."""
    known = WORDS if item["head"] == "sentiment" else NOUNS
    return next((known[word] for word in item["text"].lower().split() if word in known), "")


@dataclass
class Analyst:
    """Answers what is put, by the truth or, nineteen times in twenty, by its opposite."""

    name: str
    lies: bool
    draw: random.Random
    asked: list[str] = field(default_factory=list)
    false: int = 0

    def answer(self, item: dict[str, Any]) -> dict[str, str]:
        self.asked.append(f"{item['text']} {item['target']} {item['head']}")
        right = truth(item)
        if not right:
            return {"answer": "abstain"}
        if self.lies and self.draw.random() < 0.95:
            self.false += 1
            right = self.draw.choice([each for each in item["labels"] if each != right])
        if item["options"] and right not in item["options"]:
            return {"answer": "reject", "reason": "neither"}
        if item["shown"] == right:
            return {"answer": "confirm"}
        named = not item["shown"] or self.draw.random() < 0.3
        return {"answer": "reject", "correction": right if named else ""}


class Desk:
    """A newsroom, its clock, and those who answer."""

    def __init__(self, context: Context, clock: VirtualClock) -> None:
        self.context, self.clock = context, clock
        app = create_app(
            context.store, context.settings, CollectorRegistry(), clock, lambda: None, str, str,
            rng=random.Random(1),
        )  # fmt: skip
        self.http = TestClient(app)
        self.analysts = [Analyst(n, n == LIAR, random.Random(n)) for n in TOKENS]
        self.posted, self.named_after = 0, 0

    def publish(self, rows: list[Example]) -> None:
        now = self.clock()
        items = [
            Item(f"{now:%d}-{n}", f"https://x.example/{now:%d}-{n}", row.text, "", "", None, "", "")
            for n, row in enumerate(rows)
        ]
        with self.context.store.write() as tx:
            feeds.add(tx, NewFeed("https://x.example/feed", "x", "x", 300), "config", now)
            articles.add_items(tx, next(iter(feeds.active(tx))).id, "x", items, now)
        while label(self.context):
            pass
        label(self.context)

    def work(self, analyst: Analyst) -> None:
        headers = {"Authorization": f"Bearer {TOKENS[analyst.name]}"}
        for _ in range(A_DAY):
            item = self.http.get("/api/v1/review/next", headers=headers).json()["item"]
            if item is None:
                return
            said = {"item": item["id"], **analyst.answer(item)}
            answered = self.http.post("/api/v1/verdicts", json=said, headers=headers)
            assert answered.status_code == 201, answered.text
            self.posted += 1

    def learn_if_due(self) -> None:
        """As the daemon's job does, without the child process."""
        store, settings = self.context.store, self.context.settings
        with store.read() as tx:
            if not due.round_wanted(tx, settings.learn, self.clock()):
                return
        bench = Bench(store, settings)
        run(
            Round(store, settings, self.clock, bench, lambda *_: None, schooling=QUICK),
            "a test",
        )

    def standings(self) -> dict[str, str]:
        with self.context.store.read() as tx:
            return {one.analyst: one.standing for one in standings.latest(tx)}

    def month(self) -> None:
        for day in range(DAYS):
            self.publish(stream(60, 200 + 2 * day, new=0.5))
            for analyst in self.analysts:
                self.clock.advance(self.clock() + timedelta(hours=1))
                self.work(analyst)
            self.learn_if_due()
            if not self.named_after and self.standings().get(LIAR) == "adversary":
                self.named_after = self.analysts[-1].false
            self.clock.advance(self.clock() + timedelta(hours=19))


@pytest.fixture
def desk(half_taught: Path, tmp_path: Path, clock: VirtualClock) -> Iterator[Desk]:
    anchors = tmp_path / "anchors.csv"
    with anchors.open("w", newline="") as file:
        rows = [(e.text, e.target, e.sentiment) for e in moods_of(500, 40, FAMILIAR)]
        csv.writer(file).writerows([("text", "target", "sentiment"), *rows])
    settings = Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{tmp_path / 'world.db'}"},
            "policy": {"checkpoint": str(half_taught), "device": "cpu"},
            "learn": {"folder": str(tmp_path / "policies"), "anchors": [str(anchors)]},
            "watch": [{"name": name.title()} for name in NAMES],
            "analysts": [{"name": name, "token": token} for name, token in TOKENS.items()],
        }
    )
    with open_context(settings, clock, serve=True) as context:
        desk = Desk(context, clock)
        desk.publish([replace(each, target="") for each in contrast_rows(5, 300)])
        clock.advance(clock() + timedelta(days=1))
        yield desk


@pytest.mark.timeout(900)
def test_a_month_at_the_desk_makes_the_policy_better_and_names_the_liar(desk: Desk) -> None:
    unseen = moods_of(300, 90, NEW)
    before = accuracy(desk.context.policy, unseen)
    desk.month()
    label(desk.context)

    with desk.context.store.read() as tx:
        log = [one.verdict for one in verdicts.logged(tx)]
        went_live = [(one.kind, one.by) for one in learning.promotions(tx)]
    assert len(log) == desk.posted >= 5 * DAYS * A_DAY * 0.9
    for analyst in desk.analysts:
        assert max(Counter(analyst.asked).values()) == 1, f"{analyst.name} was asked twice"
    standing = desk.standings()
    assert standing[LIAR] == "adversary"
    assert desk.named_after <= 50
    assert not [name for name in HONEST if standing[name] == "adversary"]
    assert ("promote", "gate") in went_live
    assert accuracy(desk.context.policy, unseen) > before + 0.15
