"""What rounds of learning keep: trials, challengers' labels, promotions, standings, the lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.store import (
    articles,
    feeds,
    labels,
    learn_lease,
    learning,
    shadows,
    standings,
    trials,
    verdicts,
)
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.store.learning import KnownCheckpoint
from monitor.store.shadows import Shadow
from monitor.store.standings import KeptStanding
from monitor.store.trials import Judgement, Opening
from monitor.types import Item, Label
from policy.verdicts import Verdict

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHANCES = tuple([1.0] + [0.0] * 19)


def opening(now: datetime, **changes: object) -> Opening:
    usual = Opening("promotion", "new", "old", 1, 0, 0, now, {"vetoes": {}})
    return replace(usual, **changes)  # type: ignore[arg-type]


def a_verdict(number: int, now: datetime, text: str = "") -> Verdict:
    return Verdict(
        f"v{number}", text or f"headline {number}", "", "topic", "Macro", 1.0, 1.0, "ada",
        "confirm", "", "", now,
    )  # fmt: skip


def publish(store: Store, titles: list[str], now: datetime, checkpoint: str = "old") -> None:
    """Articles of stories of their own, each labelled as a whole and towards Orsk."""
    items = [
        Item(title, f"https://x.example/{title}", title, "", "", None, "", "") for title in titles
    ]
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://x.example/feed", "x", "x", 300), "config", now)
        articles.add_items(tx, feeds.active(tx)[0].id, "x", items, now)
        work = labels.claim(tx, now, MINUTE, 100)
        said = [
            Label(
                one.article_id, target, "Macro", "negative", CHANCES, (1.0, 0.0, 0.0), checkpoint,
                "cpu", now,
            )
            for one in work
            for target in ("", "Orsk")
        ]  # fmt: skip
        labels.add(tx, work, said, now)


def shadow(article: int, target: str = "", negative: bool = False) -> Shadow:
    return Shadow("new", article, target, "Macro", "neutral", negative, False)


def test_a_trial_is_decided_once(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        number = trials.begin(tx, opening(noon)).number
        trials.note(tx, number, 7, {"gate": {"judged": 3}})
        assert [one.looked_through for one in trials.open_trials(tx)] == [7]
        assert trials.decide(tx, number, "promoted", ["better"], noon)
        assert not trials.decide(tx, number, "refused", ["worse"], noon)
        known = trials.get(tx, number)
        assert known
        assert (known.state, list(known.reasons), known.decided_at) == (
            "promoted",
            ["better"],
            noon,
        )
        assert trials.open_trials(tx) == []


def test_the_error_is_shared_among_the_tests_that_began_this_quarter(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        trials.begin(tx, opening(noon - 2 * DAY))
        trials.begin(tx, opening(noon, challenger="b"))
        trials.begin(tx, opening(noon, challenger="c", test=0))  # refused before there was a test
        trials.begin(tx, opening(noon, kind="probation"))
        assert trials.tests_since(tx, noon - DAY) == 1
        assert trials.tests_since(tx, noon - 3 * DAY) == 2


def test_judgements_come_back_in_the_order_of_their_verdicts(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        number = trials.begin(tx, opening(noon)).number
        verdicts.add(tx, [a_verdict(n, noon + n * MINUTE) for n in (1, 2, 3)], noon)
        assert trials.waiting(tx, 1).count == 2
        rows = [Judgement(number, n, "Macro", "Markets", z) for n, z in ((3, 1), (1, -1))]
        trials.add_judgements(tx, rows)
        found = trials.judged(tx, number)
        assert [(one.verdict, one.z, one.text) for one in found] == [
            (1, -1, "headline 1"),
            (3, 1, "headline 3"),
        ]
        assert trials.learned_from(tx, ["headline 1", "headline 3", "other"], 2) == {"headline 1"}


def test_a_challenger_is_asked_about_everything_once_the_newest_first(
    store: Store, noon: datetime
) -> None:
    publish(store, ["Mill burns in Varna"], noon - 20 * DAY)
    publish(store, ["Port opens in Lyon"], noon - DAY)
    publish(store, ["Bank sues a grain trader"], noon)
    with store.write() as tx:
        owed = shadows.owed(tx, "new", noon - 14 * DAY, 10)
        assert [one.title for one in owed[::2]] == [
            "Bank sues a grain trader",
            "Port opens in Lyon",
        ]
        assert [one.target for one in owed] == ["", "Orsk"] * 2
        shadows.add(tx, [shadow(owed[0].article_id)])
        shadows.add(tx, [shadow(owed[0].article_id, negative=True)])  # a round that was repeated
        assert len(shadows.owed(tx, "new", noon - 14 * DAY, 10)) == 3
        assert shadows.owed(tx, "old", noon - 14 * DAY, 10) == []
        both = shadows.leads(tx, "old", "new", noon - 14 * DAY)
        assert [(one.champion_negative, one.challenger_negative) for one in both] == [(True, False)]
        shadows.forget(tx, ["old"], noon - 14 * DAY)
        assert shadows.leads(tx, "old", "new", noon - 14 * DAY) == []


def test_headlines_asked_for_again_are_the_same_ones(store: Store, noon: datetime) -> None:
    publish(store, ["Mill burns in Varna"], noon - DAY)
    with store.read() as tx:
        before = shadows.headlines(tx, noon - 14 * DAY, noon, 100)
    publish(store, ["Port opens in Lyon"], noon + MINUTE)
    with store.read() as tx:
        assert shadows.headlines(tx, noon - 14 * DAY, noon, 100) == before
    assert before == [("Mill burns in Varna", ""), ("Mill burns in Varna", "Orsk")]


def test_what_is_live_is_the_newest_promotion(store: Store, noon: datetime) -> None:
    one = KnownCheckpoint("new", "/a", "old", "value", {"kl": 0.01}, noon)
    with store.write() as tx:
        assert learning.newest_promotion(tx) is None
        learning.add_checkpoint(tx, one)
        learning.add_checkpoint(tx, replace(one, path="/b", learner="", created_at=noon + DAY))
        assert learning.find_checkpoint(tx, "new") == replace(one, path="/b")
        learning.promote(tx, "new", "old", "better", "gate", noon)
        back = learning.promote(tx, "old", "new", "worse", "ada", noon, kind="rollback")
        assert learning.newest_promotion(tx) == back
        assert learning.counts_by_kind(tx) == {"promote": 1, "rollback": 1}


def test_standings_take_the_place_of_those_before(store: Store, noon: datetime) -> None:
    ada = KeptStanding("ada", "trusted", 0.9, 30, {"false": 1.0}, noon)
    eve = KeptStanding("eve", "adversary", 0.1, 30, {"named": [""]}, noon)
    with store.write() as tx:
        standings.keep(tx, [ada, eve])
        assert standings.latest(tx) == [eve, ada]
        standings.keep(tx, [ada])
        assert standings.latest(tx) == [ada]


def test_one_round_at_a_time(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        assert learn_lease.take(tx, "a", noon, noon + MINUTE)
        assert not learn_lease.take(tx, "b", noon, noon + MINUTE)
        assert learn_lease.take(tx, "a", noon, noon + 2 * MINUTE), "renewed"
        assert learn_lease.take(tx, "b", noon + 2 * MINUTE, noon + 3 * MINUTE), "a was killed"
        learn_lease.release(tx, "a")
        assert not learn_lease.take(tx, "c", noon + 2 * MINUTE, noon + 3 * MINUTE)
        learn_lease.release(tx, "b")
        assert learn_lease.take(tx, "c", noon + 2 * MINUTE, noon + 3 * MINUTE)


def test_failures_in_a_row_wait_ever_longer_and_a_success_forgets_them(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        learn_lease.take(tx, "a", noon, noon + MINUTE)
        waits = [learn_lease.note_failure(tx, noon).retry_at - noon for _ in range(8)]
        assert waits == [MINUTE * minutes for minutes in (1, 2, 4, 8, 16, 32, 60, 60)]
        learn_lease.note_success(tx, noon)
        assert learn_lease.read(tx).retry_at < noon
        learn_lease.put_off(tx, noon + DAY)
        assert learn_lease.read(tx).retry_at == noon + DAY
