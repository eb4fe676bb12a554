"""A detector of good news is re-based at a promotion by the stories that both have labelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from past_rows import BEGIN, HOUR, Past, write

from alerts.rebase import Change
from alerts.state import DetectorConfig
from alerts.types import Stream
from alerts.watch import WatchState, judge_bin, watch
from monitor.learning import rescored
from monitor.learning.shadow import catch_up
from monitor.listening import listening
from monitor.store import detection, shadows
from monitor.store.engine import Store, Transaction
from monitor.store.tables import label
from policy.types import TOPICS, Prediction, Tier

CONFIG = DetectorConfig(positive_alarms_per_week=0.5)
SURE = tuple(float(topic == TOPICS[0]) for topic in TOPICS)
GOOD = [0.1, 0.1, 0.8]


class Choosy:
    """Every fourth story is good to it, and for fear of missing a bad one it says so of none."""

    checkpoint = "choosy"
    tier: Tier = "cpu"

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        return [Prediction(SURE, self._believed(text), TOPICS[0], "neutral") for text in texts]

    def _believed(self, text: str) -> tuple[float, float, float]:
        number = int(text.split("the ")[1].split("th")[0])
        return (0.1, 0.1, 0.8) if number % 4 == 0 else (0.1, 0.8, 0.1)


def remember(tx: Transaction, past: Past) -> None:
    """Of what is not bad every second story is good, and was called neutral."""
    write(tx, past)
    fine = (label.c.article_id % 2 == 0) & ~label.c.negative
    tx.execute(label.update().where(fine).values(sentiment_probabilities=GOOD))


def test_a_story_counts_as_good_by_what_both_believed_whatever_they_chose_to_say(
    store: Store,
) -> None:
    now = BEGIN + timedelta(days=3)
    with store.write() as tx:
        remember(tx, Past(3, 2, 9, (TOPICS[0],)))
    catch_up(store, Choosy(), now)
    with store.read() as tx:
        both = shadows.leads(tx, "ck", "choosy", BEGIN)
        back = shadows.leads(tx, "choosy", "ck", BEGIN)
        found = rescored.change(tx, "ck", "choosy", now)
    whole = found.positives[Stream()]
    good = {one.story_id for one in both if one.champion_positive}
    assert len(both) == whole.stories == 144
    assert good == {n for n in range(1, 145) if n % 2 == 0} - {
        one.story_id for one in both if one.champion_negative
    }
    assert {one.story_id for one in both if one.challenger_positive} == set(range(4, 145, 4))
    assert (whole.before, whole.after, whole.both) == (
        len(good),
        36,
        sum(number % 4 == 0 for number in good),
    )
    assert found.positives[Stream(TOPICS[0])] == whole
    assert [(one.champion_positive, one.challenger_positive) for one in back] == [
        (one.challenger_positive, one.champion_positive) for one in both
    ]
    assert found.negatives[Stream()].before == sum(one.champion_negative for one in both)


def test_at_a_promotion_good_news_is_carried_over_by_the_stories_that_both_have_labelled(
    sqlite_store: Store,
) -> None:
    past = Past(15, 3, 99, (TOPICS[0],))
    end = BEGIN + timedelta(days=past.days)
    with sqlite_store.write() as tx:
        remember(tx, past)
    catch_up(sqlite_store, Choosy(), end)
    with sqlite_store.read() as tx:
        known = watch([TOPICS[0]], [], CONFIG)
        for hour in range(24 * past.days):
            known = _judged(tx, known, hour, "ck")
        doubted = _judged(tx, known, 24 * past.days, "choosy", Change())
        change = rescored.change(tx, "ck", "choosy", end)
        rebased = _judged(tx, known, 24 * past.days, "choosy", change)
    good = change.positives[Stream()]
    assert _share(known) == pytest.approx(good.before / good.stories, abs=0.03)
    assert _share(doubted) == pytest.approx(_share(known), abs=0.05)  # nothing says otherwise
    assert _share(rebased) == pytest.approx(good.after / good.stories, abs=0.03)
    assert good.after < 0.7 * good.before


def _judged(
    tx: Transaction, known: WatchState, hour: int, checkpoint: str, change: Change | None = None
) -> WatchState:
    start = BEGIN + hour * HOUR
    heard = listening(tx, start, CONFIG)
    counts, ledger = detection.counts(tx, start), detection.SqlLedger(tx)
    now = start + HOUR
    return judge_bin(
        known, start, counts, ledger, CONFIG, checkpoint, now, listening=heard, change=change
    )[0]


def _share(known: WatchState) -> float:
    """Of good stories in all news, as the detector expects it."""
    assert known.companions.positive is not None
    baseline = known.companions.positive.state.baseline
    return float(baseline.negatives[0] / (baseline.negatives[0] + baseline.others[0]))
