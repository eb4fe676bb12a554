"""When a round is due, what a verdict tells in a trial, what going live and back leave behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config import Settings
from monitor.config_learn import LearnSection
from monitor.errors import LearnError
from monitor.learning import due, lease, promoting
from monitor.learning.believed import Judges
from monitor.learning.bench import Asked
from monitor.learning.freezing import quarter
from monitor.learning.judging import judge, truth_of
from monitor.learning.pruning import prune
from monitor.store import learn_lease, learning, trials, verdicts
from monitor.store.engine import Store
from monitor.store.learning import KnownCheckpoint
from monitor.store.standings import KeptStanding
from monitor.store.trials import Habit, Opening
from monitor.store.verdicts import Numbered
from policy.types import Prediction
from policy.verdicts import Verdict

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVEN = tuple([0.05] * 20)


def a_verdict(number: int, now: datetime, **changes: Any) -> Verdict:
    usual = Verdict(
        f"v{number}", f"headline {number}", "", "sentiment", "negative", 1.0, 1.0, "ada",
        "reject", "positive", "", now,
    )  # fmt: skip
    return replace(usual, **changes)


def opening(now: datetime, **changes: Any) -> Opening:
    return replace(Opening("promotion", "new", "old", 1, 0, 0, now, {}), **changes)


class Says:
    """A policy of one sentiment for everything."""

    tier = "cpu"

    def __init__(self, sentiment: str) -> None:
        self.checkpoint, self.asked = sentiment, 0
        self._answer = Prediction.likeliest(EVEN, (0.1, 0.2, 0.7))
        self._answer = replace(self._answer, sentiment=sentiment)

    def label(self, texts: Any, targets: Any = None) -> list[Prediction]:
        self.asked += len(texts)
        return [self._answer] * len(texts)


def add(store: Store, count: int, now: datetime) -> None:
    with store.write() as tx:
        known = trials.waiting(tx, 0).newest
        verdicts.add(tx, [a_verdict(known + n, now) for n in range(1, count + 1)], now)


def wanted(store: Store, now: datetime, **section: Any) -> str:
    with store.read() as tx:
        return due.round_wanted(tx, LearnSection(**section), now)


def test_a_training_is_due_at_two_hundred_verdicts_or_a_day(
    sqlite_store: Store, noon: datetime
) -> None:
    assert wanted(sqlite_store, noon) == ""
    add(sqlite_store, due.FEWEST - 1, noon)
    assert wanted(sqlite_store, noon + 9 * DAY) == "", "too few for any time to make them enough"
    add(sqlite_store, 1, noon)
    assert wanted(sqlite_store, noon + 23 * HOUR) == ""
    assert wanted(sqlite_store, noon + 24 * HOUR).startswith("20 new verdicts and 24 h")
    add(sqlite_store, 180, noon)
    assert wanted(sqlite_store, noon) == "200 new verdicts"
    assert wanted(sqlite_store, noon, every_verdicts=300) == ""


def test_one_candidate_at_a_time_and_each_verdict_moves_it_on(
    sqlite_store: Store, noon: datetime
) -> None:
    add(sqlite_store, 300, noon)
    with sqlite_store.write() as tx:
        trials.begin(tx, opening(noon, trained_through=300, looked_through=300))
        learn_lease.take(tx, "a", noon - HOUR, noon - HOUR)
        learn_lease.note_success(tx, noon)
    assert wanted(sqlite_store, noon) == ""
    assert wanted(sqlite_store, noon + 10 * MINUTE) == "new headlines for the challenger"
    add(sqlite_store, 1, noon)
    assert wanted(sqlite_store, noon) == "1 new verdicts on an open trial"


def test_nothing_is_due_while_a_round_runs_or_after_one_that_failed(
    sqlite_store: Store, noon: datetime
) -> None:
    add(sqlite_store, 200, noon)
    with sqlite_store.write() as tx:
        learn_lease.take(tx, "somebody", noon, noon + MINUTE)
    assert wanted(sqlite_store, noon) == ""
    assert wanted(sqlite_store, noon + MINUTE) != ""
    with sqlite_store.write() as tx:
        learn_lease.note_failure(tx, noon + MINUTE)
    assert wanted(sqlite_store, noon + MINUTE) == ""


@pytest.mark.parametrize(
    ("changes", "truth"),
    [
        ({"answer": "confirm", "correction": ""}, "negative"),  # by whom nothing is known
        ({}, "positive"),
        ({"correction": ""}, None),  # one of the others, but which?
        ({"answer": "abstain"}, None),
        ({"truth": "positive"}, None),  # gold: whoever trains knows the answer
        ({"shown": "neutral"}, None),  # not the champion's label
        ({"shown": ""}, "positive"),
        ({"shown": "", "correction": "", "reason": "neither"}, ""),
    ],
)
def test_only_what_reveals_the_right_label_tells(
    changes: dict[str, Any], truth: str | None, noon: datetime
) -> None:
    assert truth_of(a_verdict(1, noon, **changes), "negative") == truth


def test_a_judgement_is_of_items_on_which_the_two_differ(noon: datetime) -> None:
    told = [
        Numbered(1, a_verdict(1, noon)),
        Numbered(2, a_verdict(2, noon, correction="neutral")),
        Numbered(3, a_verdict(3, noon, answer="confirm", correction="")),
        Numbered(4, a_verdict(4, noon, head="topic", shown="Macro", correction="Markets")),
    ]
    champion, challenger = Says("negative"), Says("positive")
    rows = judge(9, told, Asked(champion, 2), Asked(challenger, 2), {})
    assert [(row.verdict, row.z) for row in rows] == [(1, 1), (2, 0), (3, -1)]
    assert rows[0].champion_label == "negative"
    assert champion.asked == 4, "in batches, each headline once"


def test_who_seldom_corrects_is_heard_as_seldom_where_they_confirm(noon: datetime) -> None:
    """Two policies right equally often: wins and losses balance, whatever was shown."""
    told = []
    for number in range(4_000):
        right, corrected = number % 2 == 0, number % 10 in (1, 3)  # two rejections of five
        answer = {"answer": "confirm" if right else "reject"}
        named = "positive" if corrected and not right else ""
        told.append(Numbered(number, a_verdict(number, noon, **answer, correction=named)))
    sides = Asked(Says("negative"), 500), Asked(Says("positive"), 500)
    heard = judge(1, told, *sides, {"ada": Habit(1_000, 400)})
    naive = judge(1, told, *sides, {"ada": Habit(1_000, 1_000)})
    assert sum(row.z for row in naive) < -1_000
    assert abs(sum(row.z for row in heard)) < 100


def test_an_answer_does_not_decide_whether_it_counts(noon: datetime) -> None:
    def standing(name: str, word: str) -> KeptStanding:
        return KeptStanding(name, word, 0.2, 30, {}, noon)

    before = {"low": standing("low", "watched"), "fine": standing("fine", "trusted")}
    now = {"fine": standing("fine", "watched"), "new": standing("new", "watched")}
    now["liar"] = standing("liar", "adversary")
    who = Judges(before, now)
    assert [who.may(name) for name in ("low", "fine", "new", "unknown", "liar")] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_going_live_ends_what_was_open_and_begins_a_probation(
    sqlite_store: Store, noon: datetime
) -> None:
    with sqlite_store.write() as tx:
        trials.begin(tx, opening(noon, challenger="a"))
        promoting.promote(tx, "b", "old", "by hand", "ada", noon)
        open_now = trials.open_trials(tx)
        assert [(one.kind, one.challenger, one.champion) for one in open_now] == [
            ("probation", "old", "b")
        ]
        refused = trials.newest(tx, "promotion")
        assert refused
        assert (refused.state, list(refused.reasons)) == (
            "refused", ["b went live, by ada: by hand"],
        )  # fmt: skip
        promoting.promote(tx, "c", "b", "by hand", "ada", noon)
        promoting.roll_back(tx, "c", "worse", "ada", noon)
        assert trials.open_trials(tx) == []
        assert promoting.predecessor(tx, "b") == "old", "back once more goes a step further"
        with pytest.raises(LearnError, match="nothing was live before old"):
            promoting.roll_back(tx, "old", "worse", "ada", noon)


def test_trials_against_a_champion_that_was_configured_away_end(
    sqlite_store: Store, noon: datetime
) -> None:
    with sqlite_store.write() as tx:
        trials.begin(tx, opening(noon))
        promoting.settle(tx, "old", noon)
        assert len(trials.open_trials(tx)) == 1
        promoting.settle(tx, "another", noon)
        ended = trials.newest(tx, "promotion")
        assert ended
        assert (ended.state, list(ended.reasons)) == ("refused", ["another is live now"])


def test_a_second_round_is_refused_and_the_lease_is_given_back(
    sqlite_store: Store, noon: datetime
) -> None:
    with (
        lease.held(sqlite_store, "a", lambda: noon),
        pytest.raises(LearnError, match=r"another round of learning runs \(a\)"),
        lease.held(sqlite_store, "b", lambda: noon),
    ):
        pass
    with lease.held(sqlite_store, "b", lambda: noon):
        pass


def test_old_candidates_go_and_what_may_be_needed_stays(
    sqlite_store: Store, noon: datetime, tmp_path: Path
) -> None:
    folder, elsewhere = tmp_path / "policies", tmp_path / "elsewhere"
    settings = Settings.model_validate({"learn": {"folder": str(folder)}})
    with sqlite_store.write() as tx:
        for age in range(10):
            place = (elsewhere if age == 9 else folder) / f"c{age}"
            place.mkdir(parents=True)
            made = noon - age * DAY
            learning.add_checkpoint(
                tx, KnownCheckpoint(f"c{age}", str(place), "", "value", {}, made)
            )
        promoting.promote(tx, "c8", "c7", "better", "gate", noon)
    assert prune(sqlite_store, settings, noon) == ["c5", "c6", "c9"]
    assert sorted(each.name for each in folder.iterdir()) == [
        "c0", "c1", "c2", "c3", "c4", "c7", "c8",
    ]  # fmt: skip
    assert (elsewhere / "c9").exists(), "only what a round has put there is removed"


def test_quarters_begin_in_january_april_july_and_october(noon: datetime) -> None:
    begins = {quarter(noon.replace(month=month)).month for month in range(1, 13)}
    assert begins == {1, 4, 7, 10}
    assert quarter(noon) == noon.replace(month=1, day=1, hour=0)
