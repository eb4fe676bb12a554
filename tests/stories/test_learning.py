"""Verdicts to a better policy and back from a worse one, through the store, with every gate on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from learning_desk import (
    FAMILIAR,
    NEW,
    QUICK,
    Desk,
    accuracy,
    differing,
    moods_of,
    stream,
    write_worse,
)

from monitor.config import Settings
from monitor.context import Context
from monitor.daemon import open_context
from monitor.demo import VirtualClock
from monitor.jobs.label import label
from monitor.learning import promoting
from monitor.learning.bench import Bench
from monitor.learning.round import run
from monitor.learning.setting import Answer, Round
from monitor.live_policy import live
from monitor.store import articles, feeds, history, learning, trials, verdicts
from monitor.store.feeds import NewFeed
from monitor.store.learning import KnownCheckpoint
from monitor.types import Item
from policy.checkpoint import verify
from policy.contrast.grammar import contrast_rows
from policy.data import Example
from policy.manifest import CARD, describe
from policy.opening import open_policy
from policy.types import Policy
from policy.verdicts import Verdict

DAY = timedelta(days=1)


@dataclass
class Newsroom:
    """A daemon's world that a desk of analysts works in."""

    context: Context
    clock: VirtualClock

    def publish(self, rows: Sequence[Example], name: str) -> None:
        """Headlines come in and are labelled by what is live."""
        items = [
            Item(f"{name}{n}", f"https://x.example/{name}{n}", row.text, "", "", None, "", "")
            for n, row in enumerate(rows)
        ]
        with self.context.store.write() as tx:
            feeds.add(tx, NewFeed("https://x.example/feed", "x", "x", 300), "config", self.clock())
            feed = next(iter(feeds.active(tx))).id
            articles.add_items(tx, feed, "x", items, self.clock())
        while label(self.context):
            pass
        label(self.context)  # once more: a promotion is followed at the next tick, work or none

    def said(self, given: Sequence[Verdict]) -> None:
        with self.context.store.write() as tx:
            assert verdicts.add(tx, given, self.clock()) == len(given)

    def learn(self) -> Answer:
        """As the command does, an hour later."""
        self.clock.advance(self.clock() + timedelta(hours=1))
        store, settings = self.context.store, self.context.settings
        bench = Bench(store, settings)
        this = Round(
            store, settings, self.clock, bench, lambda *_: None, asked=True, schooling=QUICK
        )
        return run(this, "a test")

    def policy(self, id_: str) -> Policy:
        return Bench(self.context.store, self.context.settings).of(id_).policy

    def live(self) -> str:
        with self.context.store.read() as tx:
            return live(tx, self.context.settings).checkpoint


@pytest.fixture
def newsroom(half_taught: Path, tmp_path: Path, clock: VirtualClock) -> Iterator[Newsroom]:
    anchors = tmp_path / "anchors.csv"
    with anchors.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "target", "sentiment"))
        rows.writerows((e.text, e.target, e.sentiment) for e in moods_of(500, 40, FAMILIAR))
    settings = Settings.model_validate(
        {
            "store": {"url": f"sqlite:///{tmp_path / 'world.db'}"},
            "policy": {"checkpoint": str(half_taught), "device": "cpu"},
            "learn": {"folder": str(tmp_path / "policies"), "anchors": [str(anchors)]},
        }
    )
    with open_context(settings, clock, serve=True) as context:
        room = Newsroom(context, clock)
        ordinary = contrast_rows(5, 300)  # of words that it never met: to be left as they are
        room.publish([*moods_of(100, 60, FAMILIAR), *moods_of(4, 61, NEW), *ordinary], "first")
        yield room


def test_verdicts_become_a_better_policy_and_a_worse_one_is_rolled_back(
    newsroom: Newsroom, half_taught: Path, tmp_path: Path
) -> None:
    before, unseen, desk = describe(half_taught).id, moods_of(200, 90, NEW), Desk()
    assert newsroom.live() == newsroom.context.policy.checkpoint == before
    known_before = accuracy(newsroom.context.policy, unseen)
    newsroom.said(desk.verdicts(stream(600, 20), newsroom.context.policy, newsroom.clock()))

    first = newsroom.learn()
    assert (first.state, first.live) == ("shadow", before), first.reasons
    assert first.metrics["test"] == 1
    assert "## Judged" in card(newsroom, first.candidate)
    assert newsroom.learn().state == "shadow", "nobody has judged it yet"

    sides = newsroom.policy(before), newsroom.policy(first.candidate)
    items = differing(moods_of(300, 70, NEW), *sides)
    newsroom.said(desk.blind(items[:5], newsroom.clock(), "few"))
    assert newsroom.learn().state == "shadow", "five verdicts prove nothing"
    newsroom.said(desk.blind(items[5:120], newsroom.clock(), "more"))
    second = newsroom.learn()
    assert (second.state, second.candidate) == ("promoted", first.candidate), second.reasons
    assert newsroom.live() == first.candidate
    assert "went live, by gate" in card(newsroom, first.candidate)

    newsroom.publish(moods_of(10, 95, NEW), "later")
    assert newsroom.context.policy.checkpoint == first.candidate
    assert accuracy(newsroom.context.policy, unseen) > known_before + 0.2
    with newsroom.context.store.read() as tx:
        labelled = [row.checkpoint for row in history.since(tx, newsroom.clock())]
    assert set(labelled) == {first.candidate}

    roll_back_of_a_worse_one(newsroom, half_taught, tmp_path, first.candidate)


def roll_back_of_a_worse_one(
    newsroom: Newsroom, half_taught: Path, tmp_path: Path, good: str
) -> None:
    worse = write_worse(half_taught, tmp_path / "worse")
    path = str(tmp_path / "worse")
    newsroom.clock.advance(newsroom.clock() + DAY)
    with newsroom.context.store.write() as tx:
        learning.add_checkpoint(tx, KnownCheckpoint(worse, path, good, "", {}, newsroom.clock()))
        promoting.promote(tx, worse, good, "it looked well", "somebody", newsroom.clock())
    newsroom.publish(moods_of(3, 96, FAMILIAR), "under the worse one")
    assert newsroom.context.policy.checkpoint == worse

    sides = newsroom.policy(worse), newsroom.policy(good)
    items = differing(moods_of(200, 80, FAMILIAR), *sides)[:60]
    newsroom.said(Desk().blind(items, newsroom.clock(), "doubts"))
    answer = newsroom.learn()
    assert [one.state for one in answer.decisions] == ["rolled_back"], answer.reasons
    assert (answer.live, newsroom.live()) == (good, good)
    newsroom.publish(moods_of(3, 97, FAMILIAR), "after")
    assert newsroom.context.policy.checkpoint == good
    with newsroom.context.store.read() as tx:
        kinds = [(one.kind, one.by) for one in reversed(learning.promotions(tx))]
    assert kinds == [("promote", "gate"), ("promote", "somebody"), ("rollback", "gate")]


def test_answers_that_have_nothing_to_do_with_the_headlines_do_not_go_live(
    newsroom: Newsroom,
) -> None:
    """About words that the champion knows: of others it knows less than chance, which even such
    answers mend."""
    desk, before = Desk(shuffled=True), newsroom.live()
    known = moods_of(600, 20, FAMILIAR)
    newsroom.said(desk.verdicts(known, newsroom.context.policy, newsroom.clock()))
    answer = newsroom.learn()
    if answer.state == "shadow":  # what it learned did no harm to what the gate looks at
        sides = newsroom.policy(before), newsroom.policy(answer.candidate)
        items = differing(moods_of(2_000, 30, FAMILIAR), *sides)
        newsroom.said(Desk().blind(items[:400], newsroom.clock(), "judged"))
        newsroom.clock.advance(newsroom.clock() + 8 * DAY)  # where they never differ, time decides
        more = moods_of(250, 31, FAMILIAR)
        newsroom.said(desk.verdicts(more, newsroom.context.policy, newsroom.clock(), "more"))
        answer = newsroom.learn()
    assert answer.state == "refused", answer.reasons
    assert answer.reasons
    assert newsroom.live() == before


def card(newsroom: Newsroom, id_: str) -> str:
    path = newsroom.context.settings.learn.folder / id_
    verify(path)
    assert open_policy(path, "cpu").checkpoint == id_
    return (path / CARD).read_text(encoding="utf-8")


def test_candidates_are_never_judged_by_what_they_learned_from(newsroom: Newsroom) -> None:
    desk, rows = Desk(), stream(600, 20)
    newsroom.said(desk.verdicts(rows, newsroom.context.policy, newsroom.clock()))
    candidate = newsroom.learn().candidate
    newsroom.said(desk.blind(rows, newsroom.clock(), "again"))
    answer = newsroom.learn()
    assert (answer.state, answer.candidate) == ("shadow", candidate)
    with newsroom.context.store.read() as tx:
        trial = trials.newest(tx, "promotion")
        assert trial
        assert trials.judged(tx, trial.number) == []
